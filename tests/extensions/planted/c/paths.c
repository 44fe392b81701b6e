/* Ways out of a function that forget something. */
#include "planted.h"

/* Called with a factory: what it makes is lost when it is no integer. */
PLANTED(conversion_fails)
{
    PyObject *made = PyObject_CallNoArgs(arg); /* LEAK conversion_fails */
    if (made == NULL)
        return NULL;
    long value = PyLong_AsLong(made);
    if (value == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    Py_DECREF(made);
    return PyLong_FromLong(value);
}

PLANTED(cleanup_skips_one)
{
    PyObject *first = NULL, *second = NULL, *result = NULL;
    first = PyObject_CallNoArgs(arg);
    if (first == NULL)
        goto done;
    second = PyObject_CallNoArgs(arg); /* LEAK cleanup_skips_one */
    if (second == NULL)
        goto release_first;
    if (PyObject_HasAttrString(second, "no_such_attribute"))
        goto release_second;
    result = Py_NewRef(Py_None);
    goto release_first;
release_second:
    Py_DECREF(second);
release_first:
    Py_DECREF(first);
done:
    return result;
}

/* Found in the middle: nobody releases what was found. */
PLANTED(return_from_loop)
{
    PyObject *list = Py_BuildValue("[iO]", 1, arg);
    if (list == NULL)
        return NULL;
    for (Py_ssize_t index = 0; index < PyList_GET_SIZE(list); index++) {
        PyObject *item = PySequence_GetItem(list, index); /* LEAK return_from_loop */
        if (!PyLong_Check(item)) {
            Py_DECREF(list);
            return PyLong_FromSsize_t(index);
        }
        Py_DECREF(item);
    }
    Py_DECREF(list);
    Py_RETURN_NONE;
}

/* It steals only when it succeeds, and this is no module. */
PLANTED(add_object_fails)
{
    Py_INCREF(arg); /* LEAK add_object_fails */
    if (PyModule_AddObject(arg, "name", arg) < 0) {
        PyErr_Clear();
        Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

/* Called with something that raises. Fetching moves the reference and changes no count: the last
   that did is inside of the call. */
PLANTED(error_fetched)
{
    PyObject *type, *value, *traceback;
    PyObject *result = PyObject_CallNoArgs(arg); /* LEAK error_fetched */
    if (result != NULL)
        return result;
    PyErr_Fetch(&type, &value, &traceback); /* LEAK error_fetched */
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    Py_RETURN_NONE;
}

/* A list is no key. */
PLANTED(setting_fails)
{
    PyObject *dict = PyDict_New(), *key = PyList_New(0);
    if (dict == NULL || key == NULL)
        return NULL;
    PyObject *value = Py_NewRef(arg); /* LEAK setting_fails */
    if (PyDict_SetItem(dict, key, value) < 0) {
        PyErr_Clear();
        Py_DECREF(key);
        Py_DECREF(dict);
        Py_RETURN_NONE;
    }
    Py_DECREF(value);
    Py_DECREF(key);
    Py_DECREF(dict);
    Py_RETURN_NONE;
}

/* Two checks, and the second forgets what was taken before the first. */
PLANTED(second_check_fails)
{
    PyObject *held = Py_NewRef(arg); /* LEAK second_check_fails */
    if (!PyObject_IsTrue(held)) {
        Py_DECREF(held);
        Py_RETURN_FALSE;
    }
    Py_ssize_t length = PyObject_Size(held);
    if (length < 0) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    Py_DECREF(held);
    return PyLong_FromSsize_t(length);
}

/* Released where it failed, and once more where everything ends. */
PLANTED(released_twice)
{
    PyObject *result = NULL;
    Py_INCREF(arg);
    if (PyObject_Size(arg) < 0) {
        PyErr_Clear();
        Py_DECREF(arg); /* LEAK released_twice */
        result = Py_NewRef(Py_None);
    }
    look_at(Py_None);
    Py_DECREF(arg); /* LEAK released_twice */
    return result;
}

/* The name says "set", so the author believes that it takes over the reference. */
PLANTED(attribute_set_of_own)
{
    PyObject *made = PyObject_CallNoArgs(arg); /* LEAK attribute_set_of_own */
    if (made == NULL || PyObject_SetAttrString(arg, "last", made) < 0)
        return NULL;
    if (PyObject_DelAttrString(arg, "last") < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    METHOD(conversion_fails),
    METHOD(cleanup_skips_one),
    METHOD(return_from_loop),
    METHOD(add_object_fails),
    METHOD(error_fetched),
    METHOD(setting_fails),
    METHOD(second_check_fails),
    METHOD(released_twice),
    METHOD(attribute_set_of_own),
    END_OF_METHODS,
};

NOTHING_TO_DO(paths_exec)
MODULE(paths, methods, paths_exec)
