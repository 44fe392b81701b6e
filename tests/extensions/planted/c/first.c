/* The first ten: what every course on the C API warns of. */
#include "planted.h"

PLANTED(append_after_incref)
{
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    Py_INCREF(arg); /* LEAK append_after_incref */
    int failed = PyList_Append(list, arg);
    Py_DECREF(list);
    return failed ? NULL : Py_NewRef(Py_None);
}

PLANTED(attribute_missing)
{
    Py_INCREF(arg); /* LEAK attribute_missing */
    PyObject *value = PyObject_GetAttrString(arg, "no_such_attribute");
    if (value == NULL) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    Py_DECREF(arg);
    return value;
}

PLANTED(build_value_of_own)
{
    Py_INCREF(arg); /* LEAK build_value_of_own */
    return Py_BuildValue("(Oi)", arg, 1);
}

PLANTED(tuple_item_counted_twice)
{
    PyObject *tuple = PyTuple_New(1);
    if (tuple == NULL)
        return NULL;
    Py_INCREF(arg); /* LEAK tuple_item_counted_twice */
    look_at(arg);
    Py_INCREF(arg); /* LEAK tuple_item_counted_twice */
    PyTuple_SetItem(tuple, 0, arg);
    Py_DECREF(tuple);
    Py_RETURN_NONE;
}

PLANTED(sequence_item_dropped)
{
    PyObject *list = Py_BuildValue("[O]", arg);
    if (list == NULL)
        return NULL;
    PyObject *item = PySequence_GetItem(list, 0); /* LEAK sequence_item_dropped */
    Py_hash_t hash = PyObject_Hash(item);
    Py_DECREF(list);
    return PyLong_FromSsize_t(hash & 7);
}

/* A borrowed reference taken for none, so that one is taken of it. */
PLANTED(dict_item_counted)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL || PyDict_SetItemString(dict, "key", arg) < 0)
        return NULL;
    PyObject *value = PyDict_GetItemString(dict, "key");
    Py_INCREF(value); /* LEAK dict_item_counted */
    look_at(value);
    Py_DECREF(dict);
    Py_RETURN_NONE;
}

PLANTED(one_turn_of_three)
{
    for (int turn = 0; turn < 3; turn++) {
        Py_INCREF(arg); /* LEAK one_turn_of_three */
        look_at(arg);
        if (turn != 1)
            Py_DECREF(arg);
    }
    Py_RETURN_NONE;
}

static PyObject *current;

PLANTED(static_forgotten)
{
    Py_INCREF(arg); /* LEAK static_forgotten */
    current = arg;
    look_at(current);
    current = NULL;
    Py_RETURN_NONE;
}

PLANTED(method_result_dropped)
{
    PyObject *list = Py_BuildValue("[O]", arg);
    if (list == NULL)
        return NULL;
    PyObject *result = PyObject_CallMethod(list, "__getitem__", "i", 0); /* LEAK method_result_dropped */
    if (result != NULL)
        look_at(result);
    Py_DECREF(list);
    Py_RETURN_NONE;
}

PLANTED(iterated_items)
{
    PyObject *item, *tuple = PyTuple_Pack(1, arg);
    PyObject *iterator = tuple ? PyObject_GetIter(tuple) : NULL;
    if (iterator == NULL)
        return NULL;
    while ((item = PyIter_Next(iterator)) != NULL) /* LEAK iterated_items */
        look_at(item);
    Py_DECREF(iterator);
    Py_DECREF(tuple);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    METHOD(append_after_incref),
    METHOD(attribute_missing),
    METHOD(build_value_of_own),
    METHOD(tuple_item_counted_twice),
    METHOD(sequence_item_dropped),
    METHOD(dict_item_counted),
    METHOD(one_turn_of_three),
    METHOD(static_forgotten),
    METHOD(method_result_dropped),
    METHOD(iterated_items),
    END_OF_METHODS,
};

NOTHING_TO_DO(first_exec)
MODULE(first, methods, first_exec)
