// Takes and gives back memory by every form of operator new and delete.
#include <Python.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace {

constexpr std::align_val_t aligned{64};

struct Form {
    const char *name;
    void *(*take)(std::size_t);
    void (*give)(void *, std::size_t);
};

const Form forms[] = {
    {"new", [](std::size_t n) { return ::operator new(n); },
     [](void *p, std::size_t) { ::operator delete(p); }},
    {"new sized", [](std::size_t n) { return ::operator new(n); },
     [](void *p, std::size_t n) { ::operator delete(p, n); }},
    {"new nothrow", [](std::size_t n) { return ::operator new(n, std::nothrow); },
     [](void *p, std::size_t) { ::operator delete(p, std::nothrow); }},
    {"new aligned", [](std::size_t n) { return ::operator new(n, aligned); },
     [](void *p, std::size_t) { ::operator delete(p, aligned); }},
    {"new aligned sized", [](std::size_t n) { return ::operator new(n, aligned); },
     [](void *p, std::size_t n) { ::operator delete(p, n, aligned); }},
    {"new aligned nothrow", [](std::size_t n) { return ::operator new(n, aligned, std::nothrow); },
     [](void *p, std::size_t) { ::operator delete(p, aligned, std::nothrow); }},
    {"new[]", [](std::size_t n) { return ::operator new[](n); },
     [](void *p, std::size_t) { ::operator delete[](p); }},
    {"new[] sized", [](std::size_t n) { return ::operator new[](n); },
     [](void *p, std::size_t n) { ::operator delete[](p, n); }},
    {"new[] nothrow", [](std::size_t n) { return ::operator new[](n, std::nothrow); },
     [](void *p, std::size_t) { ::operator delete[](p, std::nothrow); }},
    {"new[] aligned", [](std::size_t n) { return ::operator new[](n, aligned); },
     [](void *p, std::size_t) { ::operator delete[](p, aligned); }},
    {"new[] aligned sized", [](std::size_t n) { return ::operator new[](n, aligned); },
     [](void *p, std::size_t n) { ::operator delete[](p, n, aligned); }},
    {"new[] aligned nothrow", [](std::size_t n) { return ::operator new[](n, aligned, std::nothrow); },
     [](void *p, std::size_t) { ::operator delete[](p, aligned, std::nothrow); }},
};

const Form *find(const char *name) {
    for (const Form &form : forms)
        if (!std::strcmp(form.name, name)) return &form;
    PyErr_SetString(PyExc_KeyError, name);
    return nullptr;
}

PyObject *names(PyObject *, PyObject *) {
    PyObject *list = PyList_New(0);
    for (const Form &form : forms) {
        PyObject *name = PyUnicode_FromString(form.name);
        PyList_Append(list, name);
        Py_DECREF(name);
    }
    return list;
}

PyObject *take(PyObject *, PyObject *arguments) {
    const char *name;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "sn", &name, &size)) return nullptr;
    const Form *form = find(name);
    return form ? PyLong_FromVoidPtr(form->take(static_cast<std::size_t>(size))) : nullptr;
}

PyObject *give(PyObject *, PyObject *arguments) {
    const char *name;
    unsigned long long address;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "sKn", &name, &address, &size)) return nullptr;
    const Form *form = find(name);
    if (!form) return nullptr;
    form->give(reinterpret_cast<void *>(address), static_cast<std::size_t>(size));
    Py_RETURN_NONE;
}

// Destroyed while bad_alloc passes: shows that the stack was unwound through the hook.
struct Witness {
    int &count;
    ~Witness() { count++; }
};

PyObject *catch_bad_alloc(PyObject *, PyObject *) {
    int unwound = 0, caught = 0;
    volatile std::size_t far_too_much = PTRDIFF_MAX;
    for (int array = 0; array < 2; array++) {
        try {
            Witness witness{unwound};
            void *volatile block = array ? ::operator new[](far_too_much) : ::operator new(far_too_much);
            (void)block;
        } catch (const std::bad_alloc &) {
            caught++;
        }
    }
    return Py_BuildValue("ii", unwound, caught);
}

struct Base {
    virtual ~Base() = default;
    std::string text;
};
struct Derived : Base {
    std::vector<int> numbers;
    ~Derived() override = default;
};

PyObject *objects(PyObject *, PyObject *keep) {
    Base *object = new Derived;
    static_cast<Derived *>(object)->numbers.assign(1000, 7);
    object->text.assign(500, 'x');
    if (PyObject_IsTrue(keep)) return PyLong_FromVoidPtr(object);
    delete object;
    Py_RETURN_NONE;
}

PyObject *destroy(PyObject *, PyObject *address) {
    delete static_cast<Base *>(PyLong_AsVoidPtr(address));
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"names", names, METH_NOARGS, nullptr},       {"take", take, METH_VARARGS, nullptr},
    {"give", give, METH_VARARGS, nullptr},        {"catch_bad_alloc", catch_bad_alloc, METH_NOARGS, nullptr},
    {"objects", objects, METH_O, nullptr},        {"destroy", destroy, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "operators", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr,
};

}  // namespace

PyMODINIT_FUNC PyInit_operators(void) { return PyModule_Create(&definition); }
