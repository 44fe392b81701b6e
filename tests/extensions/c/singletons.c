/* Singletons are mortal up to CPython 3.11; from 3.12 on these "leaks" change nothing. */
#include "fixture.h"

static PyObject *
leaky_none(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    Py_INCREF(Py_None); /* LEAK: RA101 */
    return PyLong_FromLong(1);
}

static PyObject *
clean_none(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    return PyLong_FromLong(1);
}

static PyObject *
leaky_true(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *equal = PyObject_RichCompare(arg, arg, Py_EQ);
    if (equal == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA101 */
}

static PyObject *
clean_true(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *equal = PyObject_RichCompare(arg, arg, Py_EQ);
    if (equal == NULL)
        return NULL;
    Py_DECREF(equal);
    Py_RETURN_NONE;
}

static PyObject *
leaky_small_integer(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *seven = PyLong_FromLong(7);
    long value = PyLong_AsLong(seven);
    return PyLong_FromLong(value + 1); /* LEAK: RA101 */
}

static PyObject *
clean_small_integer(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *seven = PyLong_FromLong(7);
    long value = PyLong_AsLong(seven);
    Py_DECREF(seven);
    return PyLong_FromLong(value + 1);
}

/* The classic: None returned as if it were not counted. */
static PyObject *
leaky_returned_none(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    return Py_None; /* LEAK: RA201 */
}

static PyObject *
clean_returned_none(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    return Py_NewRef(Py_None);
}

static PyMethodDef methods[] = {
    TWINS(none, METH_NOARGS),
    TWINS(true, METH_O),
    TWINS(small_integer, METH_NOARGS),
    TWINS(returned_none, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(singletons_exec)
MODULE(singletons, methods, singletons_exec)
