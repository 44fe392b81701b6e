/* Types that do not keep to the collector's protocol, and one that does: what becomes of a cycle of them. */
#include "fixture.h"

typedef struct {
    Py_ssize_t uses;
    PyObject *item;
} Box;

typedef struct {
    PyObject_HEAD
    PyObject *next;
    Box *box; /* memory of its own with one more reference */
} Node;

/* The field, the memory, the type: what each type visits of them. */
#define FIELD 1
#define BOX 2
#define TYPE 4

#define TRAVERSE(name, what)                                       \
    static int name(PyObject *self, visitproc visit, void *arg)    \
    {                                                              \
        Node *node = (Node *)self;                                 \
        if ((what) & FIELD)                                        \
            Py_VISIT(node->next);                                  \
        if ((what) & BOX && node->box != NULL)                     \
            Py_VISIT(node->box->item);                             \
        if ((what) & TYPE)                                         \
            Py_VISIT(Py_TYPE(self));                               \
        return 0;                                                  \
    }

TRAVERSE(whole_traverse, FIELD | BOX | TYPE)
TRAVERSE(blind_traverse, BOX | TYPE)
TRAVERSE(boxed_traverse, FIELD | TYPE)
TRAVERSE(typeless_traverse, FIELD | BOX)

static int
node_clear(PyObject *self)
{
    Node *node = (Node *)self;
    Box *box = node->box;
    node->box = NULL;
    Py_CLEAR(node->next);
    if (box != NULL) {
        Py_DECREF(box->item);
        PyMem_RawFree(box);
    }
    return 0;
}

static void
node_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (PyType_IS_GC(type))
        PyObject_GC_UnTrack(self);
    node_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
legacy_del(PyObject *self)
{
    (void)self;
}

static PyObject *
node_link(PyObject *self, PyObject *other)
{
    Py_XSETREF(((Node *)self)->next, Py_NewRef(other));
    Py_RETURN_NONE;
}

static PyObject *
node_box(PyObject *self, PyObject *other)
{
    Node *node = (Node *)self;
    if (node->box == NULL)
        node->box = PyMem_RawCalloc(1, sizeof(Box));
    if (node->box == NULL)
        return PyErr_NoMemory();
    node->box->uses++;
    Py_XSETREF(node->box->item, Py_NewRef(other));
    Py_RETURN_NONE;
}

static PyObject *
node_hide(PyObject *self, PyObject *Py_UNUSED(none))
{
    PyObject_GC_UnTrack(self);
    Py_RETURN_NONE;
}

static PyMethodDef node_methods[] = {
    {"link", node_link, METH_O, NULL},
    {"box", node_box, METH_O, NULL},
    {"hide", node_hide, METH_NOARGS, NULL},
    END_OF_METHODS,
};

#define NODE {Py_tp_dealloc, (void *)node_dealloc}, {Py_tp_methods, node_methods}
#define WITH_GC (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE)

#define TYPE_SPEC(variable, name, flags, ...)                                      \
    static PyType_Slot variable##_slots[] = {NODE, __VA_ARGS__, {0, NULL}};        \
    static PyType_Spec variable##_spec = {                                         \
        "fates." name, sizeof(Node), 0, flags, variable##_slots,                   \
    };

#define VISITS(function) {Py_tp_traverse, (void *)function}
#define CLEARS {Py_tp_clear, (void *)node_clear}

TYPE_SPEC(whole, "Whole", WITH_GC, VISITS(whole_traverse), CLEARS)
TYPE_SPEC(blind, "Blind", WITH_GC, VISITS(blind_traverse), CLEARS)
TYPE_SPEC(boxed, "Boxed", WITH_GC, VISITS(boxed_traverse), CLEARS)
TYPE_SPEC(typeless, "Typeless", WITH_GC, VISITS(typeless_traverse), CLEARS)
TYPE_SPEC(rigid, "Rigid", WITH_GC, VISITS(whole_traverse))
TYPE_SPEC(legacy, "Legacy", WITH_GC, VISITS(whole_traverse), CLEARS, {Py_tp_del, (void *)legacy_del})
TYPE_SPEC(plain, "Plain", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, {0, NULL})

static PyType_Spec *const specs[] = {
    &whole_spec, &blind_spec, &boxed_spec, &typeless_spec, &rigid_spec, &legacy_spec, &plain_spec, NULL,
};

/* A new type each time: for a cycle with its instances, which the type refers to. */
static PyObject *
make(PyObject *Py_UNUSED(module), PyObject *name)
{
    for (PyType_Spec *const *spec = specs; *spec != NULL; spec++) {
        if (PyUnicode_CompareWithASCIIString(name, (*spec)->name + strlen("fates.")) == 0)
            return PyType_FromSpec(*spec);
    }
    PyErr_SetObject(PyExc_KeyError, name);
    return NULL;
}

static PyMethodDef methods[] = {ONLY(make, METH_O), END_OF_METHODS};

static int
fates_exec(PyObject *module)
{
    for (PyType_Spec *const *spec = specs; *spec != NULL; spec++) {
        PyObject *type = PyType_FromSpec(*spec);
        if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0)
            return -1;
        Py_DECREF(type);
    }
    return 0;
}

MODULE(fates, methods, fates_exec)
