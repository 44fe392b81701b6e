/* What the types of protocols.c have in common, and their `tp_traverse`, right and wrong. */
#ifndef PROTOCOLS_H
#define PROTOCOLS_H

#include "fixture.h"

#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *value;
    PyObject *other;
} Pair;

static PyMemberDef pair_members[] = {
    {"value", T_OBJECT, offsetof(Pair, value), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

/* What borrowers point to, and what every instance could point to without owning it. */
static PyObject *shared;

/* Hidden from the compiler, which would not let it pass. */
static long *volatile nowhere = (long *)16;

static int
whole_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Pair *)self)->value);
    Py_VISIT(((Pair *)self)->other);
    return 0;
}

/* Of a static type, which its instances do not own. */
static int
fields_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Pair *)self)->value);
    Py_VISIT(((Pair *)self)->other);
    return 0;
}

static int
blind_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self)); /* DEFECT: value is left out */
    return 0;
}

static int
double_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Pair *)self)->value);
    Py_VISIT(((Pair *)self)->value); /* DEFECT: twice */
    return 0;
}

static int
type_twice_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return whole_traverse(self, visit, arg); /* DEFECT: the type twice */
}

static int
borrowed_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(shared); /* DEFECT: the instance has no reference to it */
    return whole_traverse(self, visit, arg);
}

static int
crashing_traverse(PyObject *self, visitproc visit, void *arg)
{
    *nowhere = 1; /* DEFECT: SIGSEGV */
    return whole_traverse(self, visit, arg);
}

static int
endless_traverse(PyObject *self, visitproc visit, void *arg)
{
    volatile int turns = 0;
    while (turns >= 0) /* DEFECT: never returns */
        turns = !turns;
    return whole_traverse(self, visit, arg);
}

/* A function in Python, made when the module is. */
static PyObject *callback;

static int
calling_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_XDECREF(PyObject_CallNoArgs(callback)); /* DEFECT: Python code runs in a collection */
    return whole_traverse(self, visit, arg);
}

static int
allocating_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_XDECREF(PyBytes_FromStringAndSize(NULL, 100)); /* DEFECT: allocates */
    return whole_traverse(self, visit, arg);
}

/* Visits what was freed long before: a block that the heap of Python has taken back. */
static int
stale_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyObject *stale = (PyObject *)(void *)((Pair *)self)->other;
    int answer = visit(stale, arg); /* DEFECT: freed memory */
    if (answer)
        return answer;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Pair *)self)->value);
    return 0;
}

#endif
