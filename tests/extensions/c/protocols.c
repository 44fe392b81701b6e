/* Types that break one rule of the collector's protocol each, and types that keep them all.
 *
 * The name of a type says what is wrong with it; `tests/integration/test_type_audits.py` says what an audit is to
 * find. Every heap type has the member `value`, which any object can be stored in. */
#include "protocols.h"

static int
pair_clear(PyObject *self)
{
    Py_CLEAR(((Pair *)self)->value);
    Py_CLEAR(((Pair *)self)->other);
    return 0;
}

static void
whole_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    pair_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
stale_dealloc(PyObject *self)
{
    ((Pair *)self)->other = NULL;
    whole_dealloc(self);
}

static void
static_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    pair_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static void
plain_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    pair_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
plain_static_dealloc(PyObject *self)
{
    pair_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static void
forgetful_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    pair_clear(self);
    Py_TYPE(self)->tp_free(self); /* DEFECT: keeps the reference to the type */
}

static void
generous_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    whole_dealloc(self);
    Py_DECREF(type); /* DEFECT: a reference too many */
}

static void
hoarding_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self); /* DEFECT: keeps the fields */
    Py_DECREF(type);
}

static void
crashing_dealloc(PyObject *self)
{
    *nowhere = 1; /* DEFECT: SIGSEGV */
    whole_dealloc(self);
}

/* A free list of four, which keeps the references of what is in it to the type. */
static PyObject *parked[4];
static int parked_count;

static void
parking_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    pair_clear(self);
    if (parked_count < 4) {
        parked[parked_count++] = self; /* DEFECT: with its reference to the type */
        return;
    }
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
parking_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    if (parked_count == 0)
        return type->tp_alloc(type, 0);
    PyObject *self = parked[--parked_count];
    Py_SET_REFCNT(self, 1);
    PyObject_GC_Track(self);
    return self;
}

/* The same as it should be: what is in the list owns nothing. */
static PyObject *tidy[4];
static int tidy_count;

static void
tidy_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    pair_clear(self);
    if (tidy_count < 4)
        tidy[tidy_count++] = self;
    else
        type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
tidy_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    if (tidy_count == 0)
        return type->tp_alloc(type, 0);
    PyObject *self = tidy[--tidy_count];
    (void)PyObject_Init(self, type);
    PyObject_GC_Track(self);
    return self;
}

static PyObject *
untracked_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self != NULL)
        PyObject_GC_UnTrack(self); /* DEFECT: the collector does not know it */
    return self;
}

static PyObject *
stale_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *self = type->tp_alloc(type, 0);
    PyObject *gone = PyBytes_FromStringAndSize(NULL, 200);
    if (self != NULL)
        ((Pair *)self)->other = gone;
    Py_XDECREF(gone);
    return self;
}

static PyObject *
raising_new(PyTypeObject *Py_UNUSED(type), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyErr_SetString(PyExc_TypeError, "it needs a secret");
    return NULL;
}

static PyObject *
crashing_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    *nowhere = 1;
    return type->tp_alloc(type, 0);
}

#define NEW PyType_GenericNew
#define GC (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC)
#define PLAIN (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE)

#define SEEN(function) {Py_tp_traverse, (void *)function}
#define CLEARED {Py_tp_clear, (void *)pair_clear}
#define NONE {0, NULL}

#define HEAP(name, flags, create, dealloc, traverse, clear)                                \
    static PyType_Slot name##_slots[] = {                                                  \
        {Py_tp_new, (void *)create},           {Py_tp_members, pair_members},              \
        {Py_tp_dealloc, (void *)dealloc},      traverse,                                   \
        clear,                                 {0, NULL},                                  \
    };                                                                                     \
    static PyType_Spec name##_spec = {"protocols." #name, sizeof(Pair), 0, flags, name##_slots};

HEAP(Whole, GC, NEW, whole_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Blind, GC, NEW, whole_dealloc, SEEN(blind_traverse), CLEARED)
HEAP(TypeUnseen, GC, NEW, whole_dealloc, SEEN(fields_traverse), CLEARED)
HEAP(TypeTwice, GC, NEW, whole_dealloc, SEEN(type_twice_traverse), CLEARED)
HEAP(Twice, GC, NEW, whole_dealloc, SEEN(double_traverse), CLEARED)
HEAP(Borrower, GC, NEW, whole_dealloc, SEEN(borrowed_traverse), CLEARED)
HEAP(Unclear, GC, NEW, whole_dealloc, SEEN(whole_traverse), NONE)
HEAP(Forgetful, GC, NEW, forgetful_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Generous, GC, NEW, generous_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Hoarder, GC, NEW, hoarding_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Unknown, PLAIN, NEW, plain_dealloc, NONE, NONE)
HEAP(Parking, GC & ~Py_TPFLAGS_BASETYPE, parking_new, parking_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Tidy, GC & ~Py_TPFLAGS_BASETYPE, tidy_new, tidy_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Untracked, GC, untracked_new, whole_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Crashing, GC, NEW, whole_dealloc, SEEN(crashing_traverse), CLEARED)
HEAP(Endless, GC, NEW, whole_dealloc, SEEN(endless_traverse), CLEARED)
HEAP(Calling, GC, NEW, whole_dealloc, SEEN(calling_traverse), CLEARED)
HEAP(Allocating, GC, NEW, whole_dealloc, SEEN(allocating_traverse), CLEARED)
HEAP(Stale, GC, stale_new, stale_dealloc, SEEN(stale_traverse), CLEARED)
HEAP(DiesInDealloc, GC, NEW, crashing_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(DiesInNew, GC, crashing_new, whole_dealloc, SEEN(whole_traverse), CLEARED)
HEAP(Secret, GC, raising_new, whole_dealloc, SEEN(whole_traverse), CLEARED)

static PyType_Slot Empty_slots[] = {{Py_tp_new, (void *)NEW}, {0, NULL}};
static PyType_Spec Empty_spec = {"protocols.Empty", sizeof(PyObject), 0, PLAIN, Empty_slots};

#define STATIC(name, flags, dealloc, traverse, clear)                            \
    static PyTypeObject name = {                                                 \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "protocols." #name,             \
        .tp_basicsize = sizeof(Pair), .tp_flags = flags, .tp_new = NEW,          \
        .tp_members = pair_members, .tp_dealloc = dealloc,                       \
        .tp_traverse = traverse, .tp_clear = clear,                              \
    };

STATIC(StaticWhole, GC, static_dealloc, fields_traverse, pair_clear)
STATIC(StaticUnknown, PLAIN, plain_static_dealloc, NULL, NULL)
STATIC(StaticTypeSeen, GC, static_dealloc, whole_traverse, pair_clear)

/* An instance of a type that cannot be called. */
static PyObject *
secret(PyObject *module, PyObject *Py_UNUSED(none))
{
    PyObject *type = PyObject_GetAttrString(module, "Secret");
    if (type == NULL)
        return NULL;
    PyObject *made = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    Py_DECREF(type);
    return made;
}

static PyMethodDef methods[] = {ONLY(secret, METH_NOARGS), END_OF_METHODS};

static int
add_heap_types(PyObject *module)
{
    PyType_Spec *specs[] = {
        &Whole_spec, &Blind_spec, &TypeUnseen_spec, &TypeTwice_spec, &Twice_spec, &Borrower_spec,
        &Unclear_spec, &Forgetful_spec, &Generous_spec, &Hoarder_spec, &Unknown_spec, &Parking_spec,
        &Tidy_spec, &Untracked_spec, &Crashing_spec, &Endless_spec, &Calling_spec, &Allocating_spec,
        &Stale_spec, &DiesInDealloc_spec, &DiesInNew_spec, &Secret_spec, &Empty_spec, NULL,
    };
    for (PyType_Spec **spec = specs; *spec != NULL; spec++) {
        PyObject *type = PyType_FromSpec(*spec);
        if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0)
            return -1;
        Py_DECREF(type);
    }
    return 0;
}

static int
add_callback(PyObject *module)
{
    PyObject *names = PyModule_GetDict(module);
    PyObject *none = PyRun_String("def callback(): return None", Py_file_input, names, names);
    if (none == NULL)
        return -1;
    Py_DECREF(none);
    callback = Py_XNewRef(PyDict_GetItemString(names, "callback"));
    return callback == NULL ? -1 : 0;
}

static int
protocols_exec(PyObject *module)
{
    if (add_callback(module) < 0)
        return -1;
    if (shared == NULL)
        shared = PyList_New(0);
    if (shared == NULL || PyModule_AddObjectRef(module, "shared", shared) < 0 || add_heap_types(module) < 0)
        return -1;
    PyTypeObject *types[] = {&StaticWhole, &StaticUnknown, &StaticTypeSeen, NULL};
    for (PyTypeObject **type = types; *type != NULL; type++)
        if (PyModule_AddType(module, *type) < 0)
            return -1;
    return 0;
}

MODULE(protocols, methods, protocols_exec)
