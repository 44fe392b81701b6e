# cython: language_level=3
"""Leaks by hand in a language that otherwise counts for its author; each has a clean twin."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdlib cimport free, malloc
from libc.string cimport strdup


cdef extern from *:
    """
    /* A new reference; only the declaration tells Cython whether it owns the result. */
    static PyObject *
    make_text(long number)
    {
        return PyUnicode_FromFormat("made for number %ld", number);
    }

    /* The compiler must not leave out memory that nothing seems to use. */
    static inline void
    see(void *block)
    {
        __asm__ volatile("" : : "r"(block) : "memory");
    }
    """
    void see(void *block)
    PyObject *make_text_untyped "make_text" (long number)
    object make_text(long number)


cdef list history = []
cdef long serial = 0


def leaky_incref(thing):
    Py_INCREF(thing)  # LEAK: RA101
    return None


def clean_incref(thing):
    Py_INCREF(thing)
    Py_DECREF(thing)
    return None


def leaky_decref(thing):
    Py_DECREF(thing)  # LEAK: RA201
    return None


def clean_decref(thing):
    return None


def leaky_history(entry):
    history.append([entry])  # LEAK: RA104
    return len(history)


def clean_history(entry):
    history[:] = [[entry]]
    return len(history)


def leaky_untyped():
    global serial
    serial += 1
    # The cast takes a second reference, and nobody owns the first.
    return len(<object>make_text_untyped(serial))  # LEAK: RA103


def clean_untyped():
    global serial
    serial += 1
    return len(make_text(serial))


def leaky_buffer(int value):
    cdef char *buffer = <char *>PyMem_Malloc(320)  # SITE leaky_buffer
    if value < 0:
        raise ValueError("negative")  # LEAK: RA105
    PyMem_Free(buffer)


def clean_buffer(int value):
    cdef char *buffer = <char *>PyMem_Malloc(320)
    try:
        if value < 0:
            raise ValueError("negative")
    finally:
        PyMem_Free(buffer)


def leaky_malloc(int size):
    cdef char *numbers = <char *>malloc(size)  # SITE leaky_malloc
    see(numbers)
    return size  # LEAK: RA106


def clean_malloc(int size):
    cdef char *numbers = <char *>malloc(size)
    see(numbers)
    free(numbers)
    return size


def leaky_copy(bytes text):
    cdef char *copy = strdup(text)  # SITE leaky_copy
    return copy[0]  # LEAK: RA106


def clean_copy(bytes text):
    cdef char *copy = strdup(text)
    try:
        return copy[0]
    finally:
        free(copy)


cdef class LeakyBuffer:
    """Owns memory that it never frees."""

    cdef char *numbers

    def __cinit__(self, int size):
        self.numbers = <char *>malloc(size)  # SITE __cinit__


cdef class CleanBuffer:
    """The same with the missing release."""

    cdef char *numbers

    def __cinit__(self, int size):
        self.numbers = <char *>malloc(size)

    def __dealloc__(self):
        free(self.numbers)


cdef class LeakyHandle:
    """Keeps its callback behind a C pointer, with a reference of its own."""

    cdef PyObject *callback

    def __cinit__(self, callback):
        Py_INCREF(callback)  # LEAK: RA101
        self.callback = <PyObject *>callback


cdef class CleanHandle:
    """The same with the missing release."""

    cdef PyObject *callback

    def __cinit__(self, callback):
        Py_INCREF(callback)
        self.callback = <PyObject *>callback

    def __dealloc__(self):
        Py_DECREF(<object>self.callback)
