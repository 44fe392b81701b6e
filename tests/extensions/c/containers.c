/* New objects that keep others alive: the culprit is reported, its victims are listed under it. */
#include "fixture.h"

static PyObject *
leaky_list(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *list = Py_BuildValue("[NN{si}]", fresh_text(), fresh_number(), "one", 1); /* SITE leaky_list */
    if (list == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA103 */
}

static PyObject *
clean_list(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *list = Py_BuildValue("[NN{si}]", fresh_text(), fresh_number(), "one", 1);
    if (list == NULL)
        return NULL;
    Py_DECREF(list);
    Py_RETURN_NONE;
}

/* The list goes, the item stays: PyList_Append takes a reference of its own. */
static PyObject *
leaky_appended(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *list = PyList_New(0), *item = fresh_text(); /* SITE leaky_appended */
    int failed = PyList_Append(list, item);
    Py_DECREF(list); /* LEAK: RA103 */
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
clean_appended(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *list = PyList_New(0), *item = fresh_text();
    int failed = PyList_Append(list, item);
    Py_DECREF(list);
    Py_DECREF(item);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
leaky_call_result(PyObject *Py_UNUSED(module), PyObject *callable)
{
    PyObject *result = PyObject_CallNoArgs(callable); /* SITE leaky_call_result */
    if (result == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA103 */
}

static PyObject *
clean_call_result(PyObject *Py_UNUSED(module), PyObject *callable)
{
    PyObject *result = PyObject_CallNoArgs(callable);
    if (result == NULL)
        return NULL;
    Py_DECREF(result);
    Py_RETURN_NONE;
}

static PyObject *
leaky_iterator(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *iterator = PyObject_GetIter(arg); /* SITE leaky_iterator */
    if (iterator == NULL)
        return NULL;
    return PyIter_Next(iterator); /* LEAK: RA103 */
}

static PyObject *
clean_iterator(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *iterator = PyObject_GetIter(arg);
    if (iterator == NULL)
        return NULL;
    PyObject *first = PyIter_Next(iterator);
    Py_DECREF(iterator);
    return first;
}

static void
free_payload(PyObject *capsule)
{
    PyMem_Free(PyCapsule_GetPointer(capsule, "fixture"));
}

/* The payload is a victim: freed with the capsule, were the capsule given back. */
static PyObject *
leaky_capsule(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *capsule = PyCapsule_New(PyMem_Malloc(640), "fixture", free_payload);
    if (capsule == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA103 */
}

static PyObject *
clean_capsule(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *capsule = PyCapsule_New(PyMem_Malloc(640), "fixture", free_payload);
    if (capsule == NULL)
        return NULL;
    Py_DECREF(capsule);
    Py_RETURN_NONE;
}

/* A weak reference with a callback is a new object each time. */
static PyObject *
leaky_weakref(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *target, *callback;
    if (!PyArg_ParseTuple(args, "OO", &target, &callback))
        return NULL;
    PyObject *weak = PyWeakref_NewRef(target, callback);
    if (weak == NULL)
        return NULL;
    Py_RETURN_NONE; /* LEAK: RA103 */
}

static PyObject *
clean_weakref(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *target, *callback;
    if (!PyArg_ParseTuple(args, "OO", &target, &callback))
        return NULL;
    PyObject *weak = PyWeakref_NewRef(target, callback);
    if (weak == NULL)
        return NULL;
    Py_DECREF(weak);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    TWINS(list, METH_NOARGS),
    TWINS(appended, METH_NOARGS),
    TWINS(call_result, METH_O),
    TWINS(iterator, METH_O),
    TWINS(capsule, METH_NOARGS),
    TWINS(weakref, METH_VARARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(containers_exec)
MODULE(containers, methods, containers_exec)
