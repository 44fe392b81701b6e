/* Leaks that show only when something goes wrong. */
#include "fixture.h"

static PyObject *
leaky_error_path(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *result = Py_BuildValue("[N]", fresh_text()); /* SITE leaky_error_path */
    long value = PyLong_AsLong(arg);
    if (value == -1 && PyErr_Occurred())
        return NULL; /* LEAK: RA103 */
    return result;
}

static PyObject *
clean_error_path(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *result = Py_BuildValue("[N]", fresh_text());
    long value = PyLong_AsLong(arg);
    if (value == -1 && PyErr_Occurred()) {
        Py_XDECREF(result);
        return NULL;
    }
    return result;
}

static PyObject *
leaky_error_argument(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_INCREF(arg);
    if (PyObject_Size(arg) < 0)
        return NULL; /* LEAK: RA101 */
    Py_DECREF(arg);
    Py_RETURN_NONE;
}

static PyObject *
clean_error_argument(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_INCREF(arg);
    Py_ssize_t size = PyObject_Size(arg);
    Py_DECREF(arg);
    return size < 0 ? NULL : Py_NewRef(Py_None);
}

/* PyErr_SetObject does not steal its value. */
static PyObject *
leaky_error_value(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *value = fresh_text(); /* SITE leaky_error_value */
    PyErr_SetObject(PyExc_ValueError, value);
    return NULL; /* LEAK: RA103 */
}

static PyObject *
clean_error_value(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *value = fresh_text();
    PyErr_SetObject(PyExc_ValueError, value);
    Py_XDECREF(value);
    return NULL;
}

/* The current exception, normalised and taken out of the thread state. */
static PyObject *
take_exception(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

static PyObject *
leaky_exception(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyErr_Format(PyExc_ValueError, "number %R", Py_None);
    PyObject *error = take_exception();
    return PyBool_FromLong(error != NULL); /* LEAK: RA103 */
}

static PyObject *
clean_exception(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyErr_Format(PyExc_ValueError, "number %R", Py_None);
    PyObject *error = take_exception();
    Py_XDECREF(error);
    return PyBool_FromLong(error != NULL);
}

/* An exception from Python code keeps its frames, and with them their locals. */
static PyObject *
leaky_traceback(PyObject *Py_UNUSED(module), PyObject *callable)
{
    PyObject *result = PyObject_CallNoArgs(callable);
    if (result != NULL)
        return result;
    PyObject *error = take_exception();
    return PyBool_FromLong(error != NULL); /* LEAK: RA103 */
}

static PyObject *
clean_traceback(PyObject *Py_UNUSED(module), PyObject *callable)
{
    PyObject *result = PyObject_CallNoArgs(callable);
    if (result != NULL)
        return result;
    PyObject *error = take_exception();
    Py_XDECREF(error);
    return PyBool_FromLong(error != NULL);
}

static PyMethodDef methods[] = {
    TWINS(error_path, METH_O),
    TWINS(error_argument, METH_O),
    TWINS(error_value, METH_NOARGS),
    TWINS(exception, METH_NOARGS),
    TWINS(traceback, METH_O),
    END_OF_METHODS,
};

NOTHING_TO_DO(errors_exec)
MODULE(errors, methods, errors_exec)
