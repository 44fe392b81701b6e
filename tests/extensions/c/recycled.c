/* Objects that a free list hands out again: the memory was born in another function than the object. */
#include "fixture.h"

#define APART __attribute__((noinline))
#define SEVERAL 8

/* Makes some and drops them all, so that what is made next comes from a free list. */
#define DECOY(name, make)                                                    \
    static APART void                                                        \
    decoy_##name(void)                                                       \
    {                                                                        \
        PyObject *made[SEVERAL];                                             \
        for (int i = 0; i < SEVERAL; i++)                                    \
            made[i] = make;                                                  \
        for (int i = 0; i < SEVERAL; i++)                                    \
            Py_XDECREF(made[i]);                                             \
    }

#define RECYCLED_TWINS(name, make)                                           \
    static PyObject *                                                        \
    leaky_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        decoy_##name();                                                      \
        PyObject *made = make;                                               \
        if (made == NULL)                                                    \
            return NULL;                                                     \
        Py_RETURN_NONE; /* LEAK: RA103 */                                    \
    }                                                                        \
    static PyObject *                                                        \
    clean_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        decoy_##name();                                                      \
        PyObject *made = make;                                               \
        if (made == NULL)                                                    \
            return NULL;                                                     \
        Py_DECREF(made);                                                     \
        Py_RETURN_NONE;                                                      \
    }

DECOY(float, PyFloat_FromDouble(3.5))
DECOY(list, PyList_New(0))
DECOY(tuple, PyTuple_Pack(2, Py_None, Py_True))
DECOY(dict, PyDict_New())

RECYCLED_TWINS(float, PyFloat_FromDouble(2.5))                /* SITE leaky_float */
RECYCLED_TWINS(list, PyList_New(0))                           /* SITE leaky_list */
RECYCLED_TWINS(tuple, Py_BuildValue("(NN)", fresh_text(), fresh_text())) /* SITE leaky_tuple */
RECYCLED_TWINS(dict, PyDict_New())                            /* SITE leaky_dict */

static PyMethodDef methods[] = {
    TWINS(float, METH_NOARGS),
    TWINS(list, METH_NOARGS),
    TWINS(tuple, METH_NOARGS),
    TWINS(dict, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(recycled_exec)
MODULE(recycled, methods, recycled_exec)
