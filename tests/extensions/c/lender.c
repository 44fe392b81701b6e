/* Takes blocks that borrower.c has to free; leaks nothing by itself. */
#include "fixture.h"
#include <stdlib.h>

/* The address of a new block, as an integer. */
static PyObject *
lend(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    void *volatile block = malloc(220); /* SITE lend */
    return PyLong_FromVoidPtr(block);
}

static PyObject *
lend_raw(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    void *volatile block = PyMem_RawMalloc(230); /* SITE lend_raw */
    return PyLong_FromVoidPtr(block);
}

static PyMethodDef methods[] = {
    ONLY(lend, METH_NOARGS),
    ONLY(lend_raw, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(lender_exec)
MODULE(lender, methods, lender_exec)
