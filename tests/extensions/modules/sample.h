/* What every sample module counts and holds. -DNAME=<module> names it.
 *
 * Each has a heap type `Thing`, a list `items`, and (but for a bare one) a function `ping`. */
#ifndef SAMPLE_H
#define SAMPLE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef NAME
#error "say -DNAME=<name of the module>"
#endif
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define JOINED(left, right) left##right
#define JOIN(left, right) JOINED(left, right)

/* Read from outside: ctypes.c_int.in_dll(ctypes.CDLL(path), "init_calls"). */
int init_calls, exec_calls, clear_calls, free_calls;

/* What happens at exit has no other witness than a line in the file that SAMPLE_LOG names. */
static void
tell(const char *event)
{
    const char *path = getenv("SAMPLE_LOG");
    FILE *file = path == NULL ? NULL : fopen(path, "a");
    if (file != NULL) {
        fprintf(file, "%s %s\n", TEXT(NAME), event);
        fclose(file);
    }
}

typedef struct {
    PyObject_HEAD
    PyObject *held;
} Thing;

static int
thing_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Thing *)self)->held);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int
thing_clear(PyObject *self)
{
    Py_CLEAR(((Thing *)self)->held);
    return 0;
}

static void
thing_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    thing_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot thing_slots[] = {
    {Py_tp_traverse, (void *)thing_traverse},
    {Py_tp_clear, (void *)thing_clear},
    {Py_tp_dealloc, (void *)thing_dealloc},
    {0, NULL},
};

static PyType_Spec thing_spec = {
    .name = TEXT(NAME) ".Thing",
    .basicsize = sizeof(Thing),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = thing_slots,
};

#ifdef STATE
typedef struct {
    PyObject *thing;
    PyObject *items;
} State;
#define STATE_SIZE ((Py_ssize_t)sizeof(State))
#endif

/* Heap type and list. With state the type holds its module, as types that need their state do. */
static int
fill(PyObject *module)
{
    exec_calls++;
#ifdef STATE
    PyObject *thing = PyType_FromModuleAndSpec(module, &thing_spec, NULL);
#else
    PyObject *thing = PyType_FromSpec(&thing_spec);
#endif
    PyObject *items = PyList_New(0);
    int bad = thing == NULL || items == NULL || PyModule_AddObjectRef(module, "Thing", thing) < 0 ||
              PyModule_AddObjectRef(module, "items", items) < 0;
#ifdef STATE
    State *state = PyModule_GetState(module);
    state->thing = thing;
    state->items = items;
#else
    Py_XDECREF(thing);
    Py_XDECREF(items);
#endif
    return bad ? -1 : 0;
}

static int
sample_traverse(PyObject *module, visitproc visit, void *arg)
{
#ifdef STATE
    State *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_VISIT(state->thing);
        Py_VISIT(state->items);
    }
#endif
    (void)module, (void)visit, (void)arg;
    return 0;
}

static void
drop_state(PyObject *module)
{
#ifdef STATE
    State *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_CLEAR(state->thing);
        Py_CLEAR(state->items);
    }
#endif
    (void)module;
}

static int
sample_clear(PyObject *module)
{
    clear_calls++;
    drop_state(module);
    return 0;
}

static inline PyObject *
ping(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(module);
}

#define SAMPLE_METHODS {{"ping", ping, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}}

#endif
