/* Heap types: every instance owns a reference to its type, and a field what it points to. */
#include "fixture.h"

typedef struct {
    PyObject_HEAD
    PyObject *value;
} Box;

static void
forgetful_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Box *)self)->value);
    type->tp_free(self); /* LEAK: RA102 */
}

static void
careful_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Box *)self)->value);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Right before 3.8, when PyType_GenericAlloc did not take the reference itself. */
static PyObject *
generous_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Py_INCREF(type); /* LEAK: RA102 */
    return type->tp_alloc(type, 0);
}

static void
hoarding_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self); /* LEAK: RA101 */
    Py_DECREF(type);
}

/* Called a second time, it forgets what the first call stored. */
static int
forgetting_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *value = NULL;
    if (!PyArg_ParseTuple(args, "|O", &value))
        return -1;
    ((Box *)self)->value = Py_XNewRef(value); /* LEAK: RA101 */
    return 0;
}

static int
replacing_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *value = NULL;
    if (!PyArg_ParseTuple(args, "|O", &value))
        return -1;
    Py_XSETREF(((Box *)self)->value, Py_XNewRef(value));
    return 0;
}

#define BOX_TYPE(variable, name, dealloc, create, init)                          \
    static PyType_Slot variable##_slots[] = {                                    \
        {Py_tp_dealloc, (void *)dealloc},                                        \
        {Py_tp_new, (void *)create},                                             \
        {Py_tp_init, (void *)init},                                              \
        {0, NULL},                                                               \
    };                                                                           \
    static PyType_Spec variable##_spec = {                                       \
        "heaptypes." name, sizeof(Box), 0, Py_TPFLAGS_DEFAULT, variable##_slots, \
    };

BOX_TYPE(forgetful, "Forgetful", forgetful_dealloc, PyType_GenericNew, replacing_init)
BOX_TYPE(generous, "Generous", careful_dealloc, generous_new, replacing_init)
BOX_TYPE(hoarder, "Hoarder", hoarding_dealloc, PyType_GenericNew, replacing_init)
BOX_TYPE(forgetter, "Forgetter", careful_dealloc, PyType_GenericNew, forgetting_init)
BOX_TYPE(careful, "Careful", careful_dealloc, PyType_GenericNew, replacing_init)

static PyObject *
leaky_instance(PyObject *Py_UNUSED(module), PyObject *type)
{
    PyObject *box = PyObject_CallNoArgs(type); /* SITE leaky_instance */
    if (box == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA103 */
}

static PyObject *
clean_instance(PyObject *Py_UNUSED(module), PyObject *type)
{
    PyObject *box = PyObject_CallNoArgs(type);
    if (box == NULL)
        return NULL;
    Py_DECREF(box);
    Py_RETURN_NONE;
}

static PyObject *
leaky_new_type(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *type = PyType_FromSpec(&careful_spec); /* SITE leaky_new_type */
    return PyBool_FromLong(type != NULL); /* LEAK: RA103 */
}

static PyObject *
clean_new_type(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *type = PyType_FromSpec(&careful_spec);
    Py_XDECREF(type);
    return PyBool_FromLong(type != NULL);
}

static PyMethodDef methods[] = {
    TWINS(instance, METH_O),
    TWINS(new_type, METH_NOARGS),
    END_OF_METHODS,
};

static int
heaptypes_exec(PyObject *module)
{
    PyType_Spec *specs[] = {
        &forgetful_spec, &generous_spec, &hoarder_spec, &forgetter_spec, &careful_spec, NULL,
    };
    for (PyType_Spec **spec = specs; *spec != NULL; spec++) {
        PyObject *type = PyType_FromSpec(*spec);
        if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0)
            return -1;
        Py_DECREF(type);
    }
    return 0;
}

MODULE(heaptypes, methods, heaptypes_exec)
