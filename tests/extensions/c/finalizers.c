/* Objects that are brought back to life by their own tp_finalize. */
#include "fixture.h"

typedef struct {
    PyObject_HEAD
    int finalized; /* has been brought back once already */
} Phoenix;

static PyObject *nest;

/* Takes a reference that nobody gives back. */
static void
forgetful_finalize(PyObject *self)
{
    Py_INCREF(self); /* LEAK: RA103 */
}

/* The same, and gives it back. */
static void
careful_finalize(PyObject *self)
{
    Py_INCREF(self);
    Py_DECREF(self);
}

/* Goes into a list that only grows. */
static void
hoarding_finalize(PyObject *self)
{
    Phoenix *phoenix = (Phoenix *)self;
    if (!phoenix->finalized++ && PyList_Append(nest, self) < 0) /* LEAK: RA104 */
        PyErr_WriteUnraisable(self);
}

/* Goes into a list where it replaces the one before it. */
static void
replacing_finalize(PyObject *self)
{
    Phoenix *phoenix = (Phoenix *)self;
    if (!phoenix->finalized++ && PyList_SetSlice(nest, 0, PyList_GET_SIZE(nest), NULL) == 0
        && PyList_Append(nest, self) < 0)
        PyErr_WriteUnraisable(self);
}

static void
phoenix_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (PyObject_CallFinalizerFromDealloc(self) < 0) /* SITE phoenix_dealloc */
        return;
    type->tp_free(self);
    Py_DECREF(type);
}

#define PHOENIX_TYPE(variable, name, finalize)                                             \
    static PyType_Slot variable##_slots[] = {                                              \
        {Py_tp_dealloc, (void *)phoenix_dealloc},                                          \
        {Py_tp_finalize, (void *)finalize},                                                \
        {0, NULL},                                                                         \
    };                                                                                     \
    static PyType_Spec variable##_spec = {                                                 \
        "finalizers." name, sizeof(Phoenix), 0, Py_TPFLAGS_DEFAULT, variable##_slots,      \
    };

PHOENIX_TYPE(forgetful, "Forgetful", forgetful_finalize)
PHOENIX_TYPE(careful, "Careful", careful_finalize)
PHOENIX_TYPE(hoarding, "Hoarding", hoarding_finalize)
PHOENIX_TYPE(replacing, "Replacing", replacing_finalize)

/* Makes one of a type and drops it. */
static PyObject *
burn(PyObject *Py_UNUSED(module), PyObject *type)
{
    PyObject *phoenix = PyObject_CallNoArgs(type); /* SITE burn */
    if (phoenix == NULL)
        return NULL;
    Py_DECREF(phoenix);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    ONLY(burn, METH_O),
    END_OF_METHODS,
};

static int
finalizers_exec(PyObject *module)
{
    PyType_Spec *specs[] = {&forgetful_spec, &careful_spec, &hoarding_spec, &replacing_spec, NULL};
    nest = PyList_New(0);
    if (nest == NULL)
        return -1;
    for (PyType_Spec **spec = specs; *spec != NULL; spec++) {
        PyObject *type = PyType_FromSpec(*spec);
        if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0)
            return -1;
        Py_DECREF(type);
    }
    return 0;
}

MODULE(finalizers, methods, finalizers_exec)
