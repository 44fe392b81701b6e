/* Frees, or forgets to free, what another module took. */
#include "fixture.h"
#include <stdlib.h>

static PyObject *
leaky_block(PyObject *Py_UNUSED(module), PyObject *address)
{
    void *block = PyLong_AsVoidPtr(address);
    return PyBool_FromLong(block != NULL); /* LEAK: RA106 */
}

static PyObject *
clean_block(PyObject *Py_UNUSED(module), PyObject *address)
{
    void *block = PyLong_AsVoidPtr(address);
    free(block);
    return PyBool_FromLong(block != NULL);
}

static PyObject *
leaky_raw(PyObject *Py_UNUSED(module), PyObject *address)
{
    void *block = PyLong_AsVoidPtr(address);
    return PyBool_FromLong(block != NULL); /* LEAK: RA105 */
}

static PyObject *
clean_raw(PyObject *Py_UNUSED(module), PyObject *address)
{
    void *block = PyLong_AsVoidPtr(address);
    PyMem_RawFree(block);
    return PyBool_FromLong(block != NULL);
}

static PyMethodDef methods[] = {
    TWINS(block, METH_O),
    TWINS(raw, METH_O),
    END_OF_METHODS,
};

NOTHING_TO_DO(borrower_exec)
MODULE(borrower, methods, borrower_exec)
