/* What calls give back, and what is kept of it. */
#include "planted.h"

static PyObject *singleton;

/* Made once; every call takes a reference for the caller, and one more. */
PLANTED(cached_counted)
{
    if (singleton == NULL) {
        singleton = PyObject_CallNoArgs(arg);
        if (singleton == NULL)
            return NULL;
    }
    Py_INCREF(singleton); /* LEAK cached_counted */
    look_at(singleton);
    return Py_NewRef(singleton); /* LEAK cached_counted */
}

PLANTED(returned_twice)
{
    PyObject *result = PyObject_GetAttrString(arg, "item"); /* LEAK returned_twice */
    if (result == NULL)
        return NULL;
    look_at(result);
    Py_INCREF(result); /* LEAK returned_twice */
    return result;
}

PLANTED(attribute_dropped)
{
    PyObject *value = PyObject_GetAttrString(arg, "item"); /* LEAK attribute_dropped */
    return value == NULL ? NULL : PyBool_FromLong(PyObject_IsTrue(value));
}

/* A borrowed reference, made strong in earnest, and then forgotten. */
PLANTED(weakly_referenced)
{
    PyObject *weak = PyWeakref_NewRef(arg, NULL);
    if (weak == NULL)
        return NULL;
#if PY_VERSION_HEX >= 0x030F0000 /* which has no borrowed one any more */
    PyObject *thing = NULL;
    if (PyWeakref_GetRef(weak, &thing) <= 0) /* LEAK weakly_referenced */
        return NULL;
#else
    PyObject *thing = PyWeakref_GetObject(weak);
    Py_INCREF(thing); /* LEAK weakly_referenced */
#endif
    int truth = PyObject_IsTrue(thing);
    Py_DECREF(weak);
    return PyBool_FromLong(truth);
}

/* The view keeps a reference to its exporter. */
PLANTED(buffer_kept)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) /* LEAK buffer_kept */
        return NULL;
    return PyLong_FromSsize_t(view.len);
}

PLANTED(call_result_dropped)
{
    PyObject *result = PyObject_CallFunctionObjArgs(arg, NULL); /* LEAK call_result_dropped */
    if (result == NULL)
        return NULL;
    return PyBool_FromLong(PyObject_IsTrue(result));
}

PLANTED(sum_dropped)
{
    PyObject *sum = PyNumber_Add(arg, arg); /* LEAK sum_dropped */
    return sum == NULL ? NULL : PyLong_FromSsize_t(PyObject_Size(sum));
}

/* Both the helper of the header and its caller take one. */
PLANTED(helper_counts_too)
{
    PyObject *held = retained(arg); /* LEAK helper_counts_too */
    look_at(held);
    Py_INCREF(held); /* LEAK helper_counts_too */
    look_at(held);
    Py_DECREF(held);
    Py_RETURN_NONE;
}

/* In the chain of calls only the last result has a name. */
PLANTED(chained_calls)
{
    PyObject *inner = PyObject_GetAttrString(PyObject_CallNoArgs(arg), "__class__"); /* LEAK chained_calls */
    if (inner == NULL)
        return NULL;
    Py_DECREF(inner);
    Py_RETURN_NONE;
}

PLANTED(text_dropped)
{
    PyObject *text = PyObject_Repr(arg); /* LEAK text_dropped */
    return text == NULL ? NULL : PyLong_FromSsize_t(PyUnicode_GetLength(text));
}

/* The first argument of the format is a new reference: it should have been "N". */
PLANTED(format_argument)
{
    PyObject *pair = PyTuple_Pack(2, arg, arg); /* LEAK format_argument */
    return pair == NULL ? NULL : Py_BuildValue("[Oi]", pair, 2);
}

static PyObject *
consume(PyObject *thing)
{
    int truth = PyObject_IsTrue(thing);
    return PyBool_FromLong(truth);
}

/* The author believes that the function called last takes over the reference. */
PLANTED(tail_call)
{
    Py_INCREF(arg); /* LEAK tail_call */
    return consume(arg);
}

/* Unpacking by hand: the default is borrowed, what was asked for is not. */
PLANTED(default_or_new)
{
    PyObject *item = PyObject_GetAttrString(arg, "item"); /* LEAK default_or_new */
    if (item == NULL) {
        PyErr_Clear();
        item = arg;
    }
    return PyLong_FromSsize_t(PyObject_IsTrue(item));
}

static PyMethodDef methods[] = {
    METHOD(cached_counted),
    METHOD(returned_twice),
    METHOD(attribute_dropped),
    METHOD(weakly_referenced),
    METHOD(buffer_kept),
    METHOD(call_result_dropped),
    METHOD(sum_dropped),
    METHOD(helper_counts_too),
    METHOD(chained_calls),
    METHOD(text_dropped),
    METHOD(format_argument),
    METHOD(tail_call),
    METHOD(default_or_new),
    END_OF_METHODS,
};

NOTHING_TO_DO(calls_exec)
MODULE(calls, methods, calls_exec)
