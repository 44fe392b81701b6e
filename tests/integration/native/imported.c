/* Counts references through imported functions, as extensions for the limited API of 3.12 do, at known lines. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#undef Py_NewRef
#undef Py_XNewRef
PyAPI_FUNC(PyObject *) Py_NewRef(PyObject *);
PyAPI_FUNC(PyObject *) Py_XNewRef(PyObject *);
PyAPI_FUNC(void) _Py_IncRef(PyObject *);
PyAPI_FUNC(void) _Py_DecRef(PyObject *);

static PyObject *taking(PyObject *self, PyObject *object)
{
    (void)self;
    Py_IncRef(object);  /* Py_IncRef */
    _Py_IncRef(object); /* _Py_IncRef */
    PyObject *volatile same = Py_NewRef(object); /* Py_NewRef */
    same = Py_XNewRef(object); /* Py_XNewRef */
    same = Py_XNewRef(NULL);
    Py_IncRef(NULL);
    Py_DecRef(NULL);
    return PyBool_FromLong(same == NULL);
}

static PyObject *giving(PyObject *self, PyObject *object)
{
    (void)self;
    Py_DecRef(object);  /* Py_DecRef */
    _Py_DecRef(object); /* _Py_DecRef */
    Py_DecRef(object);  /* third */
    Py_DecRef(object);  /* fourth */
    return PyBool_FromLong(1);
}

/* The address of a list that died, by a function or inline. */
static PyObject *ending(PyObject *self, PyObject *inlined)
{
    (void)self;
    PyObject *list = PyList_New(0);
    PyObject *address = PyLong_FromVoidPtr(list);
    if (PyObject_IsTrue(inlined))
        Py_DECREF(list); /* inline */
    else
        Py_DecRef(list); /* by function */
    return address;
}

static PyObject *many(PyObject *self, PyObject *args)
{
    PyObject *object;
    Py_ssize_t times;
    (void)self;
    if (!PyArg_ParseTuple(args, "On", &object, &times))
        return NULL;
    for (Py_ssize_t i = 0; i < times; i++) {
        Py_IncRef(object);
        Py_DecRef(object);
    }
    return PyBool_FromLong(1);
}

static PyMethodDef methods[] = {
    {"taking", taking, METH_O, NULL},
    {"giving", giving, METH_O, NULL},
    {"ending", ending, METH_O, NULL},
    {"many", many, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "imported", NULL, 0, methods, NULL, NULL, NULL, NULL};

#define ENTRY(name) PyInit_##name
#define INIT(name) ENTRY(name)

PyMODINIT_FUNC INIT(NAME)(void)
{
    return PyModule_Create(&definition);
}
