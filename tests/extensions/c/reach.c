/* Every way in which an object can be held that Python does not see, and none at all. */
#include "fixture.h"

#include <structmember.h>
#include <unistd.h>

#define ROOM 8192
#define FIELDS 256

static PyObject *volatile table[ROOM];
static unsigned tabled;

static struct {
    unsigned count;
    PyObject *volatile items[ROOM];
} state;

/* One for each object, in a static array; and one after the other, in a chain that a static begins. */
typedef struct Node {
    struct Node *volatile next;
    PyObject *volatile object;
} Node;

static Node *volatile nodes[ROOM];
static unsigned noded;
static Node *volatile chain;

/* Takes a reference that nobody gives back. */
static PyObject *
leaky_lose(PyObject *Py_UNUSED(module), PyObject *object)
{
    Py_INCREF(object); /* LEAK: RA103 */
    Py_RETURN_NONE;
}

static PyObject *
clean_lose(PyObject *Py_UNUSED(module), PyObject *object)
{
    return PyBool_FromLong(object != NULL);
}

static PyObject *
leaky_table(PyObject *Py_UNUSED(module), PyObject *object)
{
    PyObject *old = table[tabled % ROOM];
    table[tabled++ % ROOM] = Py_NewRef(object); /* LEAK: RA104 */
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
clean_table(PyObject *Py_UNUSED(module), PyObject *object)
{
    PyObject *old = table[0];
    table[0] = Py_NewRef(object);
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
leaky_member(PyObject *Py_UNUSED(module), PyObject *object)
{
    PyObject *old = state.items[state.count % ROOM];
    state.items[state.count++ % ROOM] = Py_NewRef(object); /* LEAK: RA104 */
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
clean_member(PyObject *Py_UNUSED(module), PyObject *object)
{
    PyObject *old = state.items[0];
    state.items[0] = Py_NewRef(object);
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

PART_OF_CALLER Node *
node_with(PyObject *object)
{
    Node *node = malloc(sizeof(Node));
    if (node != NULL) {
        node->next = NULL;
        node->object = Py_NewRef(object);
    }
    return node;
}

PART_OF_CALLER void
release(Node *node)
{
    if (node != NULL) {
        PyObject *object = node->object;
        free(node);
        Py_DECREF(object);
    }
}

static PyObject *
leaky_struct(PyObject *Py_UNUSED(module), PyObject *object)
{
    Node *node = node_with(object), *old = nodes[noded % ROOM]; /* ALLOCATION struct */
    nodes[noded++ % ROOM] = node; /* LEAK: RA103 */
    release(old);
    Py_RETURN_NONE;
}

static PyObject *
clean_struct(PyObject *Py_UNUSED(module), PyObject *object)
{
    Node *node = node_with(object), *old = nodes[0];
    nodes[0] = node;
    release(old);
    Py_RETURN_NONE;
}

static PyObject *
leaky_chain(PyObject *Py_UNUSED(module), PyObject *object)
{
    Node *node = node_with(object);
    if (node == NULL)
        return PyErr_NoMemory();
    node->next = chain;
    chain = node; /* LEAK: RA103 */
    Py_RETURN_NONE;
}

static PyObject *
clean_chain(PyObject *Py_UNUSED(module), PyObject *object)
{
    Node *node = node_with(object), *old = chain;
    if (node == NULL)
        return PyErr_NoMemory();
    node->next = old ? old->next : NULL;
    chain = node;
    release(old);
    Py_RETURN_NONE;
}

/* Fields that the collector is not told of: of a type with tp_traverse, and of one without. */
typedef struct {
    PyObject_HEAD
    PyObject *seen;
    unsigned count;
    PyObject *hidden[FIELDS];
} Keeper;

static int
keeper_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Keeper *)self)->seen);
    return 0;
}

static void
keeper_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Keeper *keeper = (Keeper *)self;
    if (PyType_IS_GC(type))
        PyObject_GC_UnTrack(self);
    Py_XDECREF(keeper->seen);
    for (int place = 0; place < FIELDS; place++)
        Py_XDECREF(keeper->hidden[place]);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
keeper_keep(PyObject *self, PyObject *object)
{
    Keeper *keeper = (Keeper *)self;
    Py_XSETREF(keeper->hidden[keeper->count % FIELDS], Py_NewRef(object));
    keeper->count++; /* LEAK: RA104 */
    Py_RETURN_NONE;
}

static PyObject *
keeper_keep_one(PyObject *self, PyObject *object)
{
    Py_XSETREF(((Keeper *)self)->hidden[0], Py_NewRef(object));
    Py_RETURN_NONE;
}

static PyMethodDef keeper_methods[] = {
    ONLY(keeper_keep, METH_O),
    ONLY(keeper_keep_one, METH_O),
    END_OF_METHODS,
};

static PyMemberDef keeper_members[] = {
    {"seen", T_OBJECT, offsetof(Keeper, seen), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot hider_slots[] = {
    {Py_tp_dealloc, keeper_dealloc},
    {Py_tp_traverse, keeper_traverse},
    {Py_tp_methods, keeper_methods},
    {Py_tp_members, keeper_members},
    {0, NULL},
};
static PyType_Spec hider = {
    "reach.Hider", sizeof(Keeper), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, hider_slots,
};

static PyType_Slot opaque_slots[] = {
    {Py_tp_dealloc, keeper_dealloc},
    {Py_tp_methods, keeper_methods},
    {Py_tp_members, keeper_members},
    {0, NULL},
};
static PyType_Spec opaque = {
    "reach.Opaque", sizeof(Keeper), 0, Py_TPFLAGS_DEFAULT, opaque_slots,
};

/* Takes over what is put into a list, for each byte that it reads, and answers with one; until the end. */
static PyObject *
hold_in_frame(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *volatile held[ROOM];
    PyObject *inbox;
    int from, to;
    ssize_t got;
    unsigned count = 0;
    char byte;
    if (!PyArg_ParseTuple(args, "Oii", &inbox, &from, &to))
        return NULL;
    memset((void *)held, 0, sizeof held);
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        got = read(from, &byte, 1);
        Py_END_ALLOW_THREADS
        if (got <= 0)
            break;
        for (Py_ssize_t place = 0; place < PyList_GET_SIZE(inbox) && count < ROOM; place++)
            held[count++] = Py_NewRef(PyList_GET_ITEM(inbox, place));
        PyList_SetSlice(inbox, 0, PyList_GET_SIZE(inbox), NULL);
        Py_BEGIN_ALLOW_THREADS
        got = write(to, &byte, 1);
        Py_END_ALLOW_THREADS
    }
    while (count > 0)
        Py_DECREF(held[--count]);
    Py_RETURN_NONE;
}

/* In a field of the first argument. */
PART_OF_CALLER PyObject *
kept_by(PyObject *args, PyCFunction keep)
{
    PyObject *keeper, *object;
    return PyArg_ParseTuple(args, "OO", &keeper, &object) ? keep(keeper, object) : NULL;
}

static PyObject *
leaky_hidden(PyObject *Py_UNUSED(module), PyObject *args)
{
    return kept_by(args, keeper_keep);
}

static PyObject *
clean_hidden(PyObject *Py_UNUSED(module), PyObject *args)
{
    return kept_by(args, keeper_keep_one);
}

static PyMethodDef methods[] = {
    TWINS(hidden, METH_VARARGS),
    TWINS(lose, METH_O),
    TWINS(table, METH_O),
    TWINS(member, METH_O),
    TWINS(struct, METH_O),
    TWINS(chain, METH_O),
    ONLY(hold_in_frame, METH_VARARGS),
    END_OF_METHODS,
};

static int
reach_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&hider), *other = PyType_FromSpec(&opaque);
    int failed = type == NULL || other == NULL;
    failed = failed || PyModule_AddObjectRef(module, "Hider", type) < 0;
    failed = failed || PyModule_AddObjectRef(module, "Opaque", other) < 0;
    Py_XDECREF(type);
    Py_XDECREF(other);
    return failed ? -1 : 0;
}

MODULE(reach, methods, reach_exec)
