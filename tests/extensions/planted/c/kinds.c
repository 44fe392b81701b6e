/* Types of an extension's own: fields, and what their ends forget. */
#include "planted.h"

typedef struct {
    PyObject_HEAD
    PyObject *first;
    PyObject *second;
} Handle;

static void
handle_clear(Handle *self)
{
    Py_CLEAR(self->first);
    Py_CLEAR(self->second);
}

static void
handle_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    handle_clear((Handle *)self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* The old value is forgotten, not released. */
static PyObject *
overwrite(PyObject *self, PyObject *value)
{
    Py_INCREF(value); /* LEAK overwrite */
    ((Handle *)self)->first = value;
    Py_RETURN_NONE;
}

/* Released in the end, once. */
static PyObject *
connect(PyObject *self, PyObject *callback)
{
    Handle *handle = (Handle *)self;
    Py_XSETREF(handle->first, Py_NewRef(callback)); /* LEAK connect */
    look_at(callback);
    Py_INCREF(callback); /* LEAK connect */
    return PyBool_FromLong(handle->first == callback);
}

/* `replace` takes over what it is given, and `retained` made that one's own already. */
static PyObject *
exchange(PyObject *self, PyObject *value)
{
    Handle *handle = (Handle *)self;
    look_at(self);
    Py_INCREF(value); /* LEAK exchange */
    replace(&handle->second, retained(value)); /* LEAK exchange */
    Py_RETURN_NONE;
}

/* A method that gives back itself, for chaining, and counts twice. */
static PyObject *
chain(PyObject *self, PyObject *value)
{
    look_at(value);
    Py_INCREF(self); /* LEAK chain */
    look_at(value);
    return Py_NewRef(self); /* LEAK chain */
}

/* What is kept is given back in the setter and at the end. */
static PyObject *
detach(PyObject *self, PyObject *value)
{
    Handle *handle = (Handle *)self;
    handle->first = Py_NewRef(value);
    look_at(value);
    Py_DECREF(handle->first); /* LEAK detach */
    look_at(value);
    Py_CLEAR(handle->first); /* LEAK detach */
    Py_RETURN_NONE;
}

static PyMethodDef handle_methods[] = {
    {"overwrite", overwrite, METH_O, NULL},
    {"connect", connect, METH_O, NULL},
    {"exchange", exchange, METH_O, NULL},
    {"chain", chain, METH_O, NULL},
    {"detach", detach, METH_O, NULL},
    END_OF_METHODS,
};

static PyType_Slot handle_slots[] = {
    {Py_tp_dealloc, handle_dealloc},
    {Py_tp_methods, handle_methods},
    {0, NULL},
};

static PyType_Spec handle_spec = {"kinds.Handle", sizeof(Handle), 0, Py_TPFLAGS_DEFAULT, handle_slots};

static PyObject *
plain_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(keywords))
{
    PyObject *made = type->tp_alloc(type, 0); /* LEAK type_not_released */
    return made;
}

/* Since 3.8 an instance of a heap type holds its type: this one does not give it back. */
static void
plain_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

static PyType_Slot plain_slots[] = {
    {Py_tp_new, plain_new},
    {Py_tp_dealloc, plain_dealloc},
    {0, NULL},
};

static PyType_Spec plain_spec = {"kinds.Plain", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, plain_slots};

static PyMethodDef methods[] = {END_OF_METHODS};

static int
add(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    int failed = type == NULL || PyObject_SetAttrString(module, name, type) < 0;
    Py_XDECREF(type);
    return failed ? -1 : 0;
}

static int
kinds_exec(PyObject *module)
{
    return add(module, "Handle", &handle_spec) < 0 || add(module, "Plain", &plain_spec) < 0 ? -1 : 0;
}

MODULE(kinds, methods, kinds_exec)
