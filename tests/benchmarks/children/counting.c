/* Counts references through imported functions, as extensions for the limited API do, and calls functions that return
 * references or take them over. An extension module, so that its import table is redirected. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *pairs(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *object;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(arguments, "On", &object, &times))
        return NULL;
    for (Py_ssize_t i = 0; i < times; i++) {
        Py_IncRef(object);
        Py_DecRef(object);
    }
    return PyLong_FromSsize_t(times);
}

/* A new reference for each call, given back inline. */
static PyObject *returned(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *list;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(arguments, "On", &list, &times))
        return NULL;
    for (Py_ssize_t i = 0; i < times; i++) {
        PyObject *item = PySequence_GetItem(list, 0);
        Py_DECREF(item);
    }
    return PyLong_FromSsize_t(times);
}

/* A reference that each call takes over, taken inline. */
static PyObject *stolen(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *list;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(arguments, "On", &list, &times))
        return NULL;
    PyObject *item = PyList_GET_ITEM(list, 0);
    for (Py_ssize_t i = 0; i < times; i++) {
        Py_INCREF(item);
        PyList_SetItem(list, 0, item);
    }
    return PyLong_FromSsize_t(times);
}

static PyMethodDef methods[] = {{"pairs", pairs, METH_VARARGS, NULL},
                                {"returned", returned, METH_VARARGS, NULL},
                                {"stolen", stolen, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "counting", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit_counting(void)
{
    return PyModule_Create(&definition);
}
