/* References given back once too often. Setups keep a thousand of them, so that nothing is freed. */
#include "fixture.h"

/* A thousand references that nobody sees: a collector that counts finds none too few. */
static PyObject *
hold(PyObject *Py_UNUSED(module), PyObject *arg)
{
    for (int count = 0; count < 1000; count++)
        Py_INCREF(arg);
    Py_RETURN_NONE;
}

static PyObject *
leaky_stolen(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *pair = PyTuple_New(1);
    if (pair == NULL)
        return NULL;
    PyTuple_SET_ITEM(pair, 0, Py_NewRef(arg));
    Py_DECREF(arg); /* LEAK: RA201 */
    Py_DECREF(pair);
    Py_RETURN_NONE;
}

static PyObject *
clean_stolen(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *pair = PyTuple_New(1);
    if (pair == NULL)
        return NULL;
    PyTuple_SET_ITEM(pair, 0, Py_NewRef(arg));
    Py_DECREF(pair);
    Py_RETURN_NONE;
}

static PyObject *
leaky_borrowed_item(PyObject *Py_UNUSED(module), PyObject *list)
{
    PyObject *item = PyList_GetItem(list, 0);
    Py_XDECREF(item); /* LEAK: RA201 */
    return item == NULL ? NULL : Py_NewRef(Py_None);
}

static PyObject *
clean_borrowed_item(PyObject *Py_UNUSED(module), PyObject *list)
{
    PyObject *item = PyList_GetItem(list, 0);
    return item == NULL ? NULL : Py_NewRef(Py_None);
}

static PyObject *
leaky_borrowed_value(PyObject *Py_UNUSED(module), PyObject *dict)
{
    PyObject *value = PyDict_GetItemString(dict, "key");
    Py_XDECREF(value); /* LEAK: RA201 */
    Py_RETURN_NONE;
}

static PyObject *
clean_borrowed_value(PyObject *Py_UNUSED(module), PyObject *dict)
{
    PyObject *value = PyDict_GetItemString(dict, "key");
    return PyBool_FromLong(value != NULL);
}

/* "N" gives the caller's reference away, and an argument is only borrowed. */
static PyObject *
leaky_build_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return Py_BuildValue("(Ni)", arg, 1); /* LEAK: RA201 */
}

static PyObject *
clean_build_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return Py_BuildValue("(Oi)", arg, 1);
}

static PyObject *
leaky_returned_argument(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return arg; /* LEAK: RA201 */
}

static PyObject *
clean_returned_argument(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return Py_NewRef(arg);
}

static PyMethodDef methods[] = {
    TWINS(stolen, METH_O),
    TWINS(borrowed_item, METH_O),
    TWINS(borrowed_value, METH_O),
    TWINS(build_value, METH_O),
    TWINS(returned_argument, METH_O),
    ONLY(hold, METH_O),
    END_OF_METHODS,
};

NOTHING_TO_DO(overrelease_exec)
MODULE(overrelease, methods, overrelease_exec)
