/* Owners of references in C++, and what goes past them. `LEAK <name>` as in ../c/planted.h. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#define PLANTED(name) static PyObject *name(PyObject *, PyObject *arg)

namespace {

/* Owns one reference: the usual class of the kind. */
class Ref {
public:
    Ref() = default;
    explicit Ref(PyObject *owned) : object(owned) {}
    Ref(const Ref &other) : object(other.object)
    {
        Py_XINCREF(object);
    }
    Ref &operator=(Ref other)
    {
        std::swap(object, other.object);
        return *this;
    }
    ~Ref()
    {
        Py_XDECREF(object);
    }
    static Ref borrow(PyObject *thing)
    {
        Py_XINCREF(thing);
        return Ref(thing);
    }
    PyObject *get() const
    {
        return object;
    }
    PyObject *release()
    {
        return std::exchange(object, nullptr);
    }

private:
    PyObject *object = nullptr;
};

struct Release {
    void operator()(PyObject *object) const
    {
        Py_DECREF(object);
    }
};

using Owned = std::unique_ptr<PyObject, Release>;

void
look_at(PyObject *thing)
{
    Ref text(PyObject_Str(thing));
    if (text.get() == nullptr)
        PyErr_Clear();
}

}  // namespace

/* The list does not take over what was released for it. */
PLANTED(released_for_nobody)
{
    Ref list(PyList_New(0));
    Ref owned = Ref::borrow(arg); /* LEAK released_for_nobody */
    if (PyList_Append(list.get(), owned.release()) < 0)
        return nullptr;
    Py_RETURN_NONE;
}

/* A new reference, handed to the constructor for borrowed ones. */
PLANTED(new_as_borrowed)
{
    Ref item = Ref::borrow(PyObject_GetAttrString(arg, "item")); /* LEAK new_as_borrowed */
    if (item.get() == nullptr)
        return nullptr;
    look_at(item.get());
    Py_RETURN_NONE;
}

static void
checked(PyObject *thing)
{
    if (!PyLong_Check(thing))
        throw std::invalid_argument("no integer");
}

PLANTED(exception_passes_by)
{
    Py_INCREF(arg); /* LEAK exception_passes_by */
    try {
        checked(arg);
        Py_DECREF(arg);
    } catch (const std::invalid_argument &) {
        Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

static std::vector<PyObject *> pending;

PLANTED(vector_cleared)
{
    Py_INCREF(arg); /* LEAK vector_cleared */
    pending.push_back(arg);
    for (PyObject *thing : pending)
        look_at(thing);
    pending.clear();
    Py_RETURN_NONE;
}

PLANTED(captured_pointer)
{
    Py_INCREF(arg); /* LEAK captured_pointer */
    std::function<void()> callback = [arg] { look_at(arg); };
    callback();
    Py_RETURN_NONE;
}

PLANTED(unique_pointer_let_go)
{
    Owned made(PyObject_CallNoArgs(arg)); /* LEAK unique_pointer_let_go */
    if (made == nullptr)
        return nullptr;
    PyObject *raw = made.release();
    if (PyObject_IsTrue(raw))
        Py_RETURN_TRUE;
    Owned again(raw);
    Py_RETURN_FALSE;
}

/* The owner's copy counts, the author counts as well. */
PLANTED(copied_and_counted)
{
    Ref owned = Ref::borrow(arg); /* LEAK copied_and_counted */
    Ref copy = owned; /* LEAK copied_and_counted */
    look_at(copy.get());
    Py_INCREF(copy.get()); /* LEAK copied_and_counted */
    look_at(owned.get());
    Py_RETURN_NONE;
}

/* Two owners of one reference: the second to end gives back what is not its own. */
PLANTED(owned_twice)
{
    Py_INCREF(arg);
    Owned *first = new Owned(arg);
    Owned *second = new Owned(arg);
    look_at(arg);
    delete second; /* LEAK owned_twice */
    look_at(arg);
    delete first; /* LEAK owned_twice */
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"released_for_nobody", released_for_nobody, METH_O, nullptr},
    {"new_as_borrowed", new_as_borrowed, METH_O, nullptr},
    {"exception_passes_by", exception_passes_by, METH_O, nullptr},
    {"vector_cleared", vector_cleared, METH_O, nullptr},
    {"captured_pointer", captured_pointer, METH_O, nullptr},
    {"unique_pointer_let_go", unique_pointer_let_go, METH_O, nullptr},
    {"copied_and_counted", copied_and_counted, METH_O, nullptr},
    {"owned_twice", owned_twice, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "owners", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr,
};

PyMODINIT_FUNC
PyInit_owners()
{
    return PyModule_Create(&definition);
}
