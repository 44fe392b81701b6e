/* Memory of CPython's allocators that is no Python object. */
#include "fixture.h"
#include <string.h>

#define ALLOCATION_TWINS(name, allocate, release)                            \
    static PyObject *                                                        \
    leaky_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        char *volatile block = allocate;                                     \
        if (block == NULL)                                                   \
            return PyErr_NoMemory();                                         \
        Py_RETURN_NONE; /* LEAK: RA105 */                                    \
    }                                                                        \
    static PyObject *                                                        \
    clean_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        char *volatile block = allocate;                                     \
        if (block == NULL)                                                   \
            return PyErr_NoMemory();                                         \
        release(block);                                                      \
        Py_RETURN_NONE;                                                      \
    }

ALLOCATION_TWINS(mem, PyMem_Malloc(120), PyMem_Free) /* SITE leaky_mem */
ALLOCATION_TWINS(object, PyObject_Malloc(240), PyObject_Free) /* SITE leaky_object */
ALLOCATION_TWINS(raw, PyMem_RawMalloc(360), PyMem_RawFree) /* SITE leaky_raw */
ALLOCATION_TWINS(calloc, PyMem_Calloc(30, 16), PyMem_Free) /* SITE leaky_calloc */
ALLOCATION_TWINS(large, PyMem_Malloc(1 << 20), PyMem_Free) /* SITE leaky_large */
ALLOCATION_TWINS(grown, PyMem_Realloc(PyMem_Malloc(16), 4096), PyMem_Free) /* SITE leaky_grown */

/* "es" of PyArg_ParseTuple allocates a buffer that the caller must free. */
static PyObject *
leaky_encoded(PyObject *Py_UNUSED(module), PyObject *args)
{
    char *text = NULL;
    if (!PyArg_ParseTuple(args, "es", "utf-8", &text)) /* SITE leaky_encoded */
        return NULL;
    Py_ssize_t length = (Py_ssize_t)strlen(text);
    return PyLong_FromSsize_t(length); /* LEAK: RA105 */
}

static PyObject *
clean_encoded(PyObject *Py_UNUSED(module), PyObject *args)
{
    char *text = NULL;
    if (!PyArg_ParseTuple(args, "es", "utf-8", &text))
        return NULL;
    Py_ssize_t length = (Py_ssize_t)strlen(text);
    PyMem_Free(text);
    return PyLong_FromSsize_t(length);
}

static PyObject *
leaky_error_path(PyObject *Py_UNUSED(module), PyObject *arg)
{
    char *volatile block = PyMem_Malloc(500); /* SITE leaky_error_path */
    if (PyLong_AsLong(arg) == -1 && PyErr_Occurred())
        return NULL; /* LEAK: RA105 */
    PyMem_Free(block);
    Py_RETURN_NONE;
}

static PyObject *
clean_error_path(PyObject *Py_UNUSED(module), PyObject *arg)
{
    char *volatile block = PyMem_Malloc(500);
    long value = PyLong_AsLong(arg);
    PyMem_Free(block);
    return value == -1 && PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef methods[] = {
    TWINS(mem, METH_NOARGS),
    TWINS(object, METH_NOARGS),
    TWINS(raw, METH_NOARGS),
    TWINS(calloc, METH_NOARGS),
    TWINS(large, METH_NOARGS),
    TWINS(grown, METH_NOARGS),
    TWINS(encoded, METH_VARARGS),
    TWINS(error_path, METH_O),
    END_OF_METHODS,
};

NOTHING_TO_DO(blocks_exec)
MODULE(blocks, methods, blocks_exec)
