/* What the planted bugs share. `LEAK <name>` marks the lines that take what nothing gives back; of an
   over-release, the lines that give back too much. There are several where either is to blame. */
#ifndef PLANTED_H
#define PLANTED_H

#include "../../c/fixture.h"

/* Some of the functions called wrongly here are no longer recommended. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define PLANTED(name) static PyObject *name(PyObject *Py_UNUSED(module), PyObject *arg)
#define METHOD(name) {#name, name, METH_O, NULL}

/* Something that runs Python code with the object, and does not keep it. */
PART_OF_CALLER void
look_at(PyObject *thing)
{
    PyObject *text = PyObject_Str(thing);
    if (text == NULL)
        PyErr_Clear();
    Py_XDECREF(text);
}

/* Helpers of the kind that projects keep in a header: the caller must know what they do. */
static inline PyObject *
retained(PyObject *thing)
{
    Py_INCREF(thing);
    return thing;
}

static inline void
replace(PyObject **slot, PyObject *value)
{
    PyObject *old = *slot;
    *slot = value;
    Py_XDECREF(old);
}

#endif
