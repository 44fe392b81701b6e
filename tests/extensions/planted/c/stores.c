/* Containers: who takes over a reference, and who takes one of its own. */
#include "planted.h"

/* The attribute is a new reference already. */
PLANTED(list_steals_counted)
{
    PyObject *list = PyList_New(1);
    if (list == NULL)
        return NULL;
    PyObject *item = PyObject_GetAttrString(arg, "item"); /* LEAK list_steals_counted */
    if (item == NULL)
        return NULL;
    Py_INCREF(item); /* LEAK list_steals_counted */
    PyList_SetItem(list, 0, item);
    Py_DECREF(list);
    Py_RETURN_NONE;
}

PLANTED(dict_value_number)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL)
        return NULL;
    PyObject *number = fresh_number(); /* LEAK dict_value_number */
    if (PyDict_SetItem(dict, arg, number) < 0)
        return NULL;
    return dict;
}

PLANTED(dict_key_text)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL)
        return NULL;
    PyObject *key = fresh_text(); /* LEAK dict_key_text */
    if (PyDict_SetItem(dict, key, arg) < 0)
        return NULL;
    return dict;
}

/* Of a list it gives the list itself back, with a new reference. */
PLANTED(fast_sequence)
{
    PyObject *fast = PySequence_Fast(arg, "a sequence"); /* LEAK fast_sequence */
    if (fast == NULL)
        return NULL;
    return PyLong_FromSsize_t(PySequence_Fast_GET_SIZE(fast));
}

/* "O" borrows. */
static PyObject *
unpacked_and_counted(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *thing;
    int flag = 0;
    if (!PyArg_ParseTuple(args, "O|i", &thing, &flag))
        return NULL;
    Py_INCREF(thing); /* LEAK unpacked_and_counted */
    if (flag)
        Py_DECREF(thing);
    return PyLong_FromLong(flag);
}

/* Popping moves the set's reference and changes no count: the last that did is the adding. */
PLANTED(popped_from_set)
{
    PyObject *set = PySet_New(NULL);
    if (set == NULL || PySet_Add(set, arg) < 0) /* LEAK popped_from_set */
        return NULL;
    PyObject *popped = PySet_Pop(set); /* LEAK popped_from_set */
    int truth = PyObject_IsTrue(popped);
    Py_DECREF(set);
    return PyBool_FromLong(truth);
}

/* Items of a list of the dict's items are borrowed from it; the list itself is not. */
PLANTED(items_list)
{
    PyObject *items = PyDict_Items(arg); /* LEAK items_list */
    if (items == NULL)
        return NULL;
    PyObject *pair = PyList_GetItem(items, 0);
    return PyLong_FromSsize_t(pair == NULL ? -1 : PyTuple_Size(pair));
}

PLANTED(slice_measured)
{
    PyObject *half = PySequence_GetSlice(arg, 0, 2); /* LEAK slice_measured */
    return half == NULL ? NULL : PyLong_FromSsize_t(PyObject_Size(half));
}

/* One reference for each of two containers, and one too many from the loop's top. */
PLANTED(shared_by_two)
{
    PyObject *left = PyList_New(1), *right = PyList_New(1);
    if (left == NULL || right == NULL)
        return NULL;
    Py_INCREF(arg); /* LEAK shared_by_two */
    look_at(left);
    PyList_SET_ITEM(left, 0, Py_NewRef(arg)); /* LEAK shared_by_two */
    look_at(right);
    PyList_SET_ITEM(right, 0, Py_NewRef(arg)); /* LEAK shared_by_two */
    Py_DECREF(left);
    Py_DECREF(right);
    Py_RETURN_NONE;
}

PLANTED(borrowed_released)
{
    PyObject *list = Py_BuildValue("[O]", arg);
    if (list == NULL)
        return NULL;
    PyObject *item = PyList_GetItem(list, 0);
    look_at(item);
    Py_DECREF(item); /* LEAK borrowed_released */
    Py_DECREF(list);
    Py_RETURN_NONE;
}

PLANTED(stolen_and_released)
{
    PyObject *tuple = PyTuple_New(1);
    if (tuple == NULL)
        return NULL;
    Py_INCREF(arg);
    PyTuple_SetItem(tuple, 0, arg);
    look_at(tuple);
    Py_DECREF(arg); /* LEAK stolen_and_released */
    Py_DECREF(tuple);
    Py_RETURN_NONE;
}

/* The list believes that the reference is its own; what gives back too much is its end. */
PLANTED(stored_without_reference)
{
    PyObject *list = PyList_New(1);
    if (list == NULL)
        return NULL;
    PyList_SET_ITEM(list, 0, arg); /* LEAK stored_without_reference */
    look_at(list);
    Py_DECREF(list); /* LEAK stored_without_reference */
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    METHOD(list_steals_counted),
    METHOD(dict_value_number),
    METHOD(dict_key_text),
    METHOD(fast_sequence),
    {"unpacked_and_counted", unpacked_and_counted, METH_VARARGS, NULL},
    METHOD(popped_from_set),
    METHOD(items_list),
    METHOD(slice_measured),
    METHOD(shared_by_two),
    METHOD(borrowed_released),
    METHOD(stolen_and_released),
    METHOD(stored_without_reference),
    END_OF_METHODS,
};

NOTHING_TO_DO(stores_exec)
MODULE(stores, methods, stores_exec)
