/* What C statics hold: growing without end is a leak, a cache or a last value is none. */
#include "fixture.h"

#define RING 8
#define SHELF 4096

static PyObject *kept_list, *kept_dict, *registry;
static PyObject *shelf[SHELF];
static unsigned shelved;

static PyObject *
leaky_growing_list(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *item = fresh_text(); /* SITE leaky_growing_list */
    int failed = PyList_Append(kept_list, item); /* LEAK: RA104 */
    Py_XDECREF(item);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* Keeps the newest alone. */
static PyObject *
clean_growing_list(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *item = fresh_text();
    PyList_SetSlice(kept_list, 0, PyList_GET_SIZE(kept_list), NULL);
    int failed = PyList_Append(kept_list, item);
    Py_XDECREF(item);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
leaky_growing_dict(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *key = fresh_number(); /* SITE leaky_growing_dict */
    int failed = PyDict_SetItem(kept_dict, key, Py_None); /* LEAK: RA104 */
    Py_XDECREF(key);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
clean_growing_dict(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *key = fresh_number();
    PyDict_Clear(kept_dict);
    int failed = PyDict_SetItem(kept_dict, key, Py_None);
    Py_XDECREF(key);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* No Python container at all: the static area itself holds the objects. */
static PyObject *
leaky_growing_array(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    unsigned place = shelved++ % SHELF; /* LEAK: RA104 */
    Py_XSETREF(shelf[place], PyList_New(0)); /* SITE leaky_growing_array */
    return PyLong_FromUnsignedLong(place);
}

static PyObject *
clean_growing_array(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    unsigned place = 0;
    Py_XSETREF(shelf[place], PyList_New(0));
    return PyLong_FromUnsignedLong(place);
}

/* `statics.registry`: everyone can see it, and it still never shrinks. */
static PyObject *
leaky_registry(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *entry = PyList_New(0); /* SITE leaky_registry */
    int failed = PyList_Append(registry, entry); /* LEAK: RA104 */
    Py_XDECREF(entry);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
clean_registry(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *entry = PyList_New(0);
    int failed = PyList_SetItem(registry, 0, entry);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* The old value is overwritten, not released. */
static PyObject *
leaky_overwritten(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *volatile slot;
    slot = fresh_text(); /* LEAK: RA103 */ /* SITE leaky_overwritten */
    return PyBool_FromLong(slot != NULL);
}

static PyObject *
clean_overwritten(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *slot;
    Py_XSETREF(slot, fresh_text());
    return PyBool_FromLong(slot != NULL);
}

static PyObject *
clean_last_value(PyObject *Py_UNUSED(module), PyObject *arg)
{
    static PyObject *last;
    Py_XSETREF(last, PyList_New(0));
    return PyObject_RichCompare(last, arg, Py_EQ);
}

static PyObject *
clean_filled_once(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *cache;
    if (cache == NULL)
        cache = Py_BuildValue("[NN]", fresh_text(), fresh_number());
    return Py_XNewRef(cache);
}

/* Goes round once in every call. */
static PyObject *
clean_ring(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *ring[RING];
    for (int place = 0; place < RING; place++)
        Py_XSETREF(ring[place], fresh_text());
    Py_RETURN_NONE;
}

/* Takes eight calls to go round: each run leaves one survivor, and frees an older one. */
static PyObject *
clean_slow_ring(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *ring[RING];
    static unsigned next;
    next = (next + 1) % RING;
    Py_XSETREF(ring[next], fresh_text()); /* a macro: it may read its argument twice */
    Py_RETURN_NONE;
}

/* A chain: the newest is in the static, and every one holds the one before. */
static PyObject *
leaky_chain(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *chain;
    PyObject *link = Py_BuildValue("[NO]", fresh_text(), chain != NULL ? chain : Py_None); /* SITE leaky_chain */
    if (link == NULL)
        return NULL;
    Py_XSETREF(chain, link);
    Py_RETURN_NONE;
}

static PyObject *
clean_chain(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static PyObject *chain;
    PyObject *link = Py_BuildValue("[NO]", fresh_text(), Py_None);
    if (link == NULL)
        return NULL;
    Py_XSETREF(chain, link);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    TWINS(growing_list, METH_NOARGS),
    TWINS(growing_dict, METH_NOARGS),
    TWINS(growing_array, METH_NOARGS),
    TWINS(registry, METH_NOARGS),
    TWINS(overwritten, METH_NOARGS),
    TWINS(chain, METH_NOARGS),
    ONLY(clean_last_value, METH_O),
    ONLY(clean_filled_once, METH_NOARGS),
    ONLY(clean_ring, METH_NOARGS),
    ONLY(clean_slow_ring, METH_NOARGS),
    END_OF_METHODS,
};

static int
statics_exec(PyObject *module)
{
    kept_list = PyList_New(0);
    kept_dict = PyDict_New();
    registry = Py_BuildValue("[i]", 0);
    if (kept_list == NULL || kept_dict == NULL || registry == NULL)
        return -1;
    return PyModule_AddObjectRef(module, "registry", registry);
}

MODULE(statics, methods, statics_exec)
