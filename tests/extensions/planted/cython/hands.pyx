# cython: language_level=3
"""Counting by hand in a language that otherwise counts for its author. `LEAK <name>` as in ../c/planted.h."""

from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM


cdef extern from "Python.h":
    # Declared as C pointers, so that Cython owns nothing of what these give back.
    PyObject *raw_attribute "PyObject_GetAttrString" (object thing, const char *name)
    PyObject *raw_call "PyObject_CallObject" (object function, PyObject *arguments)


cdef class Node:
    """Keeps its value behind a C pointer, with a reference of its own."""

    cdef PyObject *value

    def put(self, value):
        Py_INCREF(value)  # LEAK node_without_dealloc
        self.value = <PyObject *>value


def node_without_dealloc(thing):
    node = Node()
    node.put(thing)


# PyList_SET_ITEM is declared with an object: Cython counts for its own sake, not for the list's.
def set_item_counted_twice(thing):
    items = PyList_New(1)
    Py_INCREF(thing)  # LEAK set_item_counted_twice
    len(items)
    Py_INCREF(thing)  # LEAK set_item_counted_twice
    PyList_SET_ITEM(items, 0, thing)
    return len(items)


# The cast takes a second reference, and nobody owns the first.
def cast_of_new(owner):
    item = <object>raw_attribute(owner, b"item")  # LEAK cast_of_new
    return item is None


def raises_before_release(thing):
    Py_INCREF(thing)  # LEAK raises_before_release
    try:
        value = int(thing)
        Py_DECREF(thing)
    except TypeError:
        value = 0
    return value


cdef void *context = NULL


def callback_context(thing):
    global context
    Py_INCREF(thing)  # LEAK callback_context
    context = <void *>thing
    str(thing)
    context = NULL


def result_of_call(factory):
    cdef PyObject *made = raw_call(factory, NULL)  # LEAK result_of_call
    return made != NULL


def continue_in_loop(things):
    total = 0
    for thing in things:
        Py_INCREF(thing)  # LEAK continue_in_loop
        if not isinstance(thing, int):
            continue
        total += thing
        Py_DECREF(thing)
    return total


# The tuple takes over a reference that was never taken for it.
def tuple_of_borrowed(thing):
    pair = PyTuple_New(1)
    PyTuple_SET_ITEM(pair, 0, thing)  # LEAK tuple_of_borrowed
    str(thing)
    del pair  # LEAK tuple_of_borrowed
