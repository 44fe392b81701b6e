/* Calls functions that return references or take them over, at known lines, and says what the counts did meanwhile. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cerrno>
#include <csetjmp>
#include <stdexcept>

namespace {

/* Calls a function and returns how the count of an object changed. */
template <typename F> long change(PyObject *object, F call)
{
    Py_ssize_t before = Py_REFCNT(object);
    call();
    return (long)(Py_REFCNT(object) - before);
}

/* The attribute `item` of an object: by a new reference, and by calls that fail. */
PyObject *returning(PyObject *, PyObject *object)
{
    PyObject *item = PyObject_GetAttrString(object, "item"); /* known */
    PyObject *second = nullptr;
    long gained = change(item, [&] {
        second = PyObject_GetAttrString(object, "item"); /* new */
    });
    PyObject *none = PyObject_GetAttrString(object, "missing"); /* fails */
    PyErr_Clear();
    PyObject *items = PyList_New(0); /* list */
    PyList_Append(items, item);
    long borrowed = change(item, [&] {
        PyList_GetItem(items, 0); /* borrowed */
    });
    PyObject *outside = PyList_GetItem(items, 7); /* outside */
    PyErr_Clear();
    Py_DECREF(items);
    Py_DECREF(second);
    Py_DECREF(item);
    return Py_BuildValue("llOO", gained, borrowed, none ? Py_True : Py_False, outside ? Py_True : Py_False);
}

/* Gives references to an item away; the counts after each call and after what took them is gone. */
PyObject *stealing(PyObject *, PyObject *item)
{
    PyObject *list = PyList_New(1);
    long set = change(item, [&] {
        Py_INCREF(item);
        PyList_SetItem(list, 0, item); /* stolen */
        Py_DECREF(list);
    });
    list = PyList_New(0);
    long failed = change(item, [&] {
        Py_INCREF(item);
        PyList_SetItem(list, 3, item); /* stolen though it fails */
        PyErr_Clear();
    });
    long refused = change(item, [&] {
        PyModule_AddObject(list, "item", item); /* not a module */
        PyErr_Clear();
    });
    Py_DECREF(list);
    PyObject *module = PyModule_New("fresh");
    long added = change(item, [&] {
        Py_INCREF(item);
        PyModule_AddObject(module, "item", item); /* added */
        Py_DECREF(module);
    });
    PyObject *pair = PyTuple_New(1);
    PyTuple_SetItem(pair, 0, nullptr); /* nothing to steal */
    Py_DECREF(pair);
    return Py_BuildValue("llll", set, failed, refused, added);
}

/* What a function fills in, and what it replaces. */
PyObject *filling(PyObject *, PyObject *text)
{
    PyObject *type, *value, *trace;
    PyErr_SetObject(PyExc_KeyError, text);
    PyErr_Fetch(&type, &value, &trace); /* fetched */
    PyObject *address = PyLong_FromVoidPtr(value);
    long count = (long)Py_REFCNT(value);
    Py_INCREF(value);
    PyErr_Restore(type, value, trace); /* restored */
    PyErr_Clear();
    long left = (long)Py_REFCNT(value);
    Py_DECREF(value);
    PyObject *copy = PyUnicode_FromString(PyUnicode_AsUTF8(text)); /* copy */
    PyObject *old = PyLong_FromVoidPtr(copy);
    Py_INCREF(copy);
    PyObject *kept = copy;
    long gained = change(text, [&] {
        PyUnicode_InternInPlace(&copy); /* interned */
    });
    long same = copy == text;
    long alive = (long)Py_REFCNT(kept);
    Py_DECREF(kept);
    Py_DECREF(copy);
    return Py_BuildValue("NllNlll", address, count, left, old, gained, same, alive);
}

jmp_buf *place;
bool throws;

PyObject *iterate(PyObject *self)
{
    if (throws)
        throw std::runtime_error("through");
    longjmp(*place, 1);
    return self;
}

long deep;

PyObject *iterate_deep(PyObject *self)
{
    if (deep-- > 0)
        return PyObject_GetIter(self); /* deeper */
    Py_INCREF(self);
    return self;
}

PyObject *next(PyObject *)
{
    return nullptr;
}

PyTypeObject leaving = {PyVarObject_HEAD_INIT(nullptr, 0)};
PyTypeObject nested = {PyVarObject_HEAD_INIT(nullptr, 0)};

/* Whether an exception of C++ and a jump arrive that leave a function through its wrapper. */
PyObject *escaping(PyObject *, PyObject *)
{
    PyObject *object = PyObject_New(PyObject, &leaving);
    jmp_buf here;
    volatile int caught = 0;
    place = &here;
    for (volatile int round = 0; round < 100; round++) {
        throws = true;
        try {
            PyObject_GetIter(object); /* throws */
        } catch (const std::runtime_error &) {
            caught = caught + 1;
        }
        throws = false;
        if (setjmp(here) == 0)
            PyObject_GetIter(object); /* jumps */
        else
            caught = caught + 1;
    }
    long left = (long)Py_REFCNT(object);
    PyObject *address = PyLong_FromVoidPtr(object);
    Py_DECREF(object);
    return Py_BuildValue("iNl", (int)caught, address, left);
}

/* References that nested calls of one function return. */
PyObject *recursing(PyObject *, PyObject *depth)
{
    PyObject *object = PyObject_New(PyObject, &nested);
    deep = PyLong_AsLong(depth);
    PyObject *again = PyObject_GetIter(object); /* outermost */
    long gained = (long)Py_REFCNT(object) - 1;
    PyObject *address = PyLong_FromVoidPtr(object);
    Py_DECREF(again);
    Py_DECREF(object);
    return Py_BuildValue("lN", gained, address);
}

/* Arguments of every kind arrive, and what is left alone is as before: errno, all registers for arguments. */
PyObject *arriving(PyObject *, PyObject *)
{
    errno = 77;
    PyObject *number = PyFloat_FromDouble(3.25);
    PyObject *both = PyComplex_FromDoubles(1.5, -2.5);
    int order = -1;
    Py_ssize_t consumed = 0;
    PyObject *text = PyUnicode_DecodeUTF16Stateful("a\0b\0c", 5, "strict", &order, &consumed);
    PyObject *level = PyImport_ImportModuleLevel("math", nullptr, nullptr, nullptr, 0);
    PyObject *five = PyObject_CallFunction((PyObject *)&PyTuple_Type, "((iiiiiiiid))", 1, 2, 3, 4, 5, 6, 7, 8, 9.5);
    return Py_BuildValue("NNNnNNi", number, both, text, consumed, level, five, errno);
}

/* A reference that nobody gives back, to an object that was there before. */
PyObject *leak(PyObject *, PyObject *object)
{
    PyObject *item = PyObject_GetAttrString(object, "item"); /* leak */
    return PyBool_FromLong(item != nullptr);
}

/* A large object that nobody gives back. */
PyObject *leak_large(PyObject *, PyObject *)
{
    PyObject *bytes = PyBytes_FromStringAndSize(nullptr, 8 << 20); /* leak large */
    return PyBool_FromLong(bytes != nullptr);
}

/* The same with one that is small enough to be watched. */
PyObject *leak_small(PyObject *, PyObject *)
{
    PyObject *bytes = PyBytes_FromStringAndSize(nullptr, 150); /* leak small */
    return PyBool_FromLong(bytes != nullptr);
}

/* New references to an object, released inline. */
PyObject *many(PyObject *, PyObject *args)
{
    PyObject *object;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(args, "On", &object, &times))
        return nullptr;
    for (Py_ssize_t i = 0; i < times; i++) {
        PyObject *item = PyObject_GetAttrString(object, "item");
        Py_XDECREF(item);
    }
    return PyBool_FromLong(1);
}

PyMethodDef methods[] = {
    {"returning", returning, METH_O, nullptr},
    {"stealing", stealing, METH_O, nullptr},
    {"filling", filling, METH_O, nullptr},
    {"escaping", escaping, METH_NOARGS, nullptr},
    {"recursing", recursing, METH_O, nullptr},
    {"arriving", arriving, METH_NOARGS, nullptr},
    {"leak", leak, METH_O, nullptr},
    {"leak_large", leak_large, METH_NOARGS, nullptr},
    {"leak_small", leak_small, METH_NOARGS, nullptr},
    {"many", many, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "called", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

bool ready(PyTypeObject *type, const char *name, getiterfunc iterator)
{
    type->tp_name = name;
    type->tp_basicsize = sizeof(PyObject);
    type->tp_flags = Py_TPFLAGS_DEFAULT;
    type->tp_iter = iterator;
    type->tp_iternext = next;
    return PyType_Ready(type) == 0;
}

} // namespace

#define ENTRY(name) PyInit_##name
#define INIT(name) ENTRY(name)

PyMODINIT_FUNC INIT(NAME)(void)
{
    if (!ready(&leaving, "called.leaving", iterate) || !ready(&nested, "called.nested", iterate_deep))
        return nullptr;
    return PyModule_Create(&definition);
}
