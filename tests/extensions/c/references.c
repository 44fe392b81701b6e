/* An extra reference on an object that was there before: nothing is allocated, so bytes stay flat. */
#include "fixture.h"

static PyObject *
leaky_argument(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_INCREF(arg); /* LEAK: RA101 */
    return PyLong_FromSsize_t(PyObject_IsTrue(arg));
}

static PyObject *
clean_argument(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return PyLong_FromSsize_t(PyObject_IsTrue(arg));
}

static PyObject *
leaky_attribute(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *value = PyObject_GetAttrString(arg, "value");
    if (value == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA101 */
}

static PyObject *
clean_attribute(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *value = PyObject_GetAttrString(arg, "value");
    if (value == NULL)
        return NULL;
    Py_DECREF(value);
    Py_RETURN_NONE;
}

static PyObject *
leaky_loop_item(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *item, *iterator = PyObject_GetIter(arg);
    if (iterator == NULL)
        return NULL;
    while ((item = PyIter_Next(iterator)) != NULL)
        continue; /* LEAK: RA101 */
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *
clean_loop_item(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *item, *iterator = PyObject_GetIter(arg);
    if (iterator == NULL)
        return NULL;
    while ((item = PyIter_Next(iterator)) != NULL)
        Py_DECREF(item);
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* PySequence_Fast gives a list back as it is, with a new reference. */
static PyObject *
leaky_sequence_fast(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *fast = PySequence_Fast(arg, "not a sequence");
    if (fast == NULL)
        return NULL;
    Py_ssize_t size = PySequence_Fast_GET_SIZE(fast);
    return PyLong_FromSsize_t(size); /* LEAK: RA101 */
}

static PyObject *
clean_sequence_fast(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *fast = PySequence_Fast(arg, "not a sequence");
    if (fast == NULL)
        return NULL;
    Py_ssize_t size = PySequence_Fast_GET_SIZE(fast);
    Py_DECREF(fast);
    return PyLong_FromSsize_t(size);
}

static PyObject *
leaky_import(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *json = PyImport_ImportModule("json");
    if (json == NULL)
        return NULL;
    return PyObject_GetAttrString(json, "__name__"); /* LEAK: RA101 */
}

static PyObject *
clean_import(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *json = PyImport_ImportModule("json");
    if (json == NULL)
        return NULL;
    PyObject *name = PyObject_GetAttrString(json, "__name__");
    Py_DECREF(json);
    return name;
}

/* An unreleased buffer keeps a reference to its exporter. */
static PyObject *
leaky_buffer(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer view;
    if (!PyArg_ParseTuple(args, "y*", &view))
        return NULL;
    Py_ssize_t length = view.len;
    return PyLong_FromSsize_t(length); /* LEAK: RA101 */
}

static PyObject *
clean_buffer(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer view;
    if (!PyArg_ParseTuple(args, "y*", &view))
        return NULL;
    Py_ssize_t length = view.len;
    PyBuffer_Release(&view);
    return PyLong_FromSsize_t(length);
}

/* "O" takes a reference of its own; the caller's must then be given back. */
static PyObject *
leaky_build_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *owned = Py_NewRef(arg);
    return Py_BuildValue("(Oi)", owned, 1); /* LEAK: RA101 */
}

static PyObject *
clean_build_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *owned = Py_NewRef(arg);
    return Py_BuildValue("(Ni)", owned, 1);
}

static PyMethodDef methods[] = {
    TWINS(argument, METH_O),
    TWINS(attribute, METH_O),
    TWINS(loop_item, METH_O),
    TWINS(sequence_fast, METH_O),
    TWINS(import, METH_NOARGS),
    TWINS(buffer, METH_VARARGS),
    TWINS(build_value, METH_O),
    END_OF_METHODS,
};

NOTHING_TO_DO(references_exec)
MODULE(references, methods, references_exec)
