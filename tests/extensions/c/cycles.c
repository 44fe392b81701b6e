/* Cycles that the collector cannot free, because a type does not show it all its references. */
#include "fixture.h"

typedef struct {
    PyObject_HEAD
    PyObject *next;
} Node;

static int
blind_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0; /* LEAK: RA103 */
}

static int
seeing_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Node *)self)->next);
    return 0;
}

static int
node_clear(PyObject *self)
{
    Py_CLEAR(((Node *)self)->next);
    return 0;
}

static void
node_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    node_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
plain_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    node_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static int
node_init(PyObject *self, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Py_XSETREF(((Node *)self)->next, NULL);
    return 0;
}

static PyObject *
node_link(PyObject *self, PyObject *other)
{
    Py_XSETREF(((Node *)self)->next, Py_NewRef(other));
    Py_RETURN_NONE;
}

static PyMethodDef node_methods[] = {{"link", node_link, METH_O, NULL}, END_OF_METHODS};

static PyType_Slot blind_slots[] = {
    {Py_tp_dealloc, (void *)node_dealloc}, {Py_tp_traverse, (void *)blind_traverse},
    {Py_tp_clear, (void *)node_clear},     {Py_tp_methods, node_methods},
    {Py_tp_init, (void *)node_init},       {0, NULL},
};

static PyType_Slot seeing_slots[] = {
    {Py_tp_dealloc, (void *)node_dealloc}, {Py_tp_traverse, (void *)seeing_traverse},
    {Py_tp_clear, (void *)node_clear},     {Py_tp_methods, node_methods},
    {Py_tp_init, (void *)node_init},       {0, NULL},
};

static PyType_Slot plain_slots[] = {
    {Py_tp_dealloc, (void *)plain_dealloc},
    {Py_tp_methods, node_methods},
    {Py_tp_init, (void *)node_init},
    {0, NULL},
};

#define WITH_GC (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC)

static PyType_Spec blind_spec = {"cycles.Blind", sizeof(Node), 0, WITH_GC, blind_slots};
static PyType_Spec seeing_spec = {"cycles.Seeing", sizeof(Node), 0, WITH_GC, seeing_slots};
static PyType_Spec plain_spec = {
    "cycles.Plain", sizeof(Node), 0, Py_TPFLAGS_DEFAULT, plain_slots, /* LEAK: RA103 */
};

static PyMethodDef methods[] = {END_OF_METHODS};

static int
cycles_exec(PyObject *module)
{
    PyType_Spec *specs[] = {&blind_spec, &seeing_spec, &plain_spec, NULL};
    for (PyType_Spec **spec = specs; *spec != NULL; spec++) {
        PyObject *type = PyType_FromSpec(*spec);
        if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0)
            return -1;
        Py_DECREF(type);
    }
    return 0;
}

MODULE(cycles, methods, cycles_exec)
