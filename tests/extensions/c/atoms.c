/* New objects that no collector lists: born in the run, alive after it, held by nothing. */
#include "fixture.h"

#define PLAIN_TWINS(name, make)                                              \
    static PyObject *                                                        \
    leaky_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        PyObject *made = make;                                               \
        if (made == NULL)                                                    \
            return NULL;                                                     \
        Py_RETURN_NONE; /* LEAK: RA103 */                                    \
    }                                                                        \
    static PyObject *                                                        \
    clean_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        PyObject *made = make;                                               \
        if (made == NULL)                                                    \
            return NULL;                                                     \
        Py_DECREF(made);                                                     \
        Py_RETURN_NONE;                                                      \
    }

PLAIN_TWINS(str, fresh_text()) /* SITE leaky_str */
PLAIN_TWINS(int, fresh_number()) /* SITE leaky_int */
PLAIN_TWINS(float, PyFloat_FromDouble(2.5)) /* SITE leaky_float */
PLAIN_TWINS(complex, PyComplex_FromDoubles(2.5, 1.5)) /* SITE leaky_complex */
PLAIN_TWINS(bytes, PyBytes_FromStringAndSize(NULL, 77)) /* SITE leaky_bytes */
PLAIN_TWINS(bytearray, PyByteArray_FromStringAndSize("grows", 5)) /* SITE leaky_bytearray */
PLAIN_TWINS(tuple, Py_BuildValue("(NN)", fresh_text(), fresh_number())) /* SITE leaky_tuple */
PLAIN_TWINS(dict, PyDict_New()) /* SITE leaky_dict */

/* A value given to a function that does not steal it. */
static PyObject *
leaky_dict_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    if (PyDict_SetItemString(arg, "key", fresh_number()) < 0) /* LEAK: RA103 */ /* SITE leaky_dict_value */
        return NULL;
    PyDict_Clear(arg);
    Py_RETURN_NONE;
}

static PyObject *
clean_dict_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *value = fresh_number();
    int failed = PyDict_SetItemString(arg, "key", value);
    Py_XDECREF(value);
    if (failed < 0)
        return NULL;
    PyDict_Clear(arg);
    Py_RETURN_NONE;
}

/* What a converter of PyArg_ParseTuple made belongs to the caller. */
static PyObject *
leaky_converted(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *path = NULL;
    if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path)) /* SITE leaky_converted */
        return NULL;
    Py_ssize_t size = PyBytes_GET_SIZE(path);
    return PyLong_FromSsize_t(size); /* LEAK: RA103 */
}

static PyObject *
clean_converted(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *path = NULL;
    if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path))
        return NULL;
    Py_ssize_t size = PyBytes_GET_SIZE(path);
    Py_DECREF(path);
    return PyLong_FromSsize_t(size);
}

/* Interned and given back: immortal on 3.12, and not the extension's leak anywhere. */
static PyObject *
clean_interned(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *text = fresh_text();
    if (text == NULL)
        return NULL;
    PyUnicode_InternInPlace(&text);
    Py_DECREF(text);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    TWINS(str, METH_NOARGS),
    TWINS(int, METH_NOARGS),
    TWINS(float, METH_NOARGS),
    TWINS(complex, METH_NOARGS),
    TWINS(bytes, METH_NOARGS),
    TWINS(bytearray, METH_NOARGS),
    TWINS(tuple, METH_NOARGS),
    TWINS(dict, METH_NOARGS),
    TWINS(dict_value, METH_O),
    TWINS(converted, METH_VARARGS),
    ONLY(clean_interned, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(atoms_exec)
MODULE(atoms, methods, atoms_exec)
