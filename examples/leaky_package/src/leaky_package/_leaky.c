/* Six leaks, each beside a clean twin. The lines that leak say so. Two more say where what leaks is
   born: a report names these. A function of its own is kept out of its callers for that. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>

#define APART __attribute__((noinline))

/* RA101: a reference to an object that was there before. */

static PyObject *
describe(PyObject *self, PyObject *arg)
{
    Py_INCREF(arg); /* LEAK: PyUnicode_FromFormat takes no reference over, so nobody gives this back */
    return PyUnicode_FromFormat("a %s", Py_TYPE(arg)->tp_name);
}

static PyObject *
describe_clean(PyObject *self, PyObject *arg)
{
    return PyUnicode_FromFormat("a %s", Py_TYPE(arg)->tp_name);
}

/* RA103: an object made by the call. The list is left behind on the error path only. */

static PyObject *
split_at(PyObject *arg, int leak)
{
    PyObject *parts = PyUnicode_Split(arg, NULL, -1);
    if (parts == NULL) {
        return NULL;
    }
    if (PyList_GET_SIZE(parts) < 2) {
        PyErr_SetString(PyExc_ValueError, "expected at least two words");
        if (!leak) {
            Py_DECREF(parts); /* LEAK in split: this line is missing */
        }
        return NULL;
    }
    return parts;
}

static PyObject *
split(PyObject *self, PyObject *arg)
{
    return split_at(arg, 1);
}

static PyObject *
split_clean(PyObject *self, PyObject *arg)
{
    return split_at(arg, 0);
}

/* RA104: a static list that only grows. A cache with one entry for each key is no leak. */

static PyObject *history = NULL;
static PyObject *cache = NULL;

static PyObject *
remember(PyObject *self, PyObject *arg)
{
    PyObject *line = PyUnicode_FromFormat("remember(%R) was called", arg); /* BORN: the text of RA104 */
    if (line == NULL) {
        return NULL;
    }
    if (history == NULL && (history = PyList_New(0)) == NULL) {
        Py_DECREF(line);
        return NULL;
    }
    int failed = PyList_Append(history, line); /* LEAK: nothing ever takes a line out again */
    Py_DECREF(line);
    return failed ? NULL : PyLong_FromSsize_t(PyList_GET_SIZE(history));
}

static PyObject *
remember_clean(PyObject *self, PyObject *arg)
{
    return PyUnicode_FromFormat("remember(%R) was called", arg);
}

static PyObject *
lookup(PyObject *self, PyObject *key)
{
    if (cache == NULL && (cache = PyDict_New()) == NULL) {
        return NULL;
    }
    PyObject *found = PyDict_GetItemWithError(cache, key);
    if (found != NULL) {
        return Py_NewRef(found);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *made = PyUnicode_FromFormat("the value of %R", key);
    if (made == NULL || PyDict_SetItem(cache, key, made) < 0) {
        Py_XDECREF(made);
        return NULL;
    }
    return made;
}

/* RA105: a block of memory that is no object. */

static PyObject *
sum_bytes(PyObject *arg, int leak)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    unsigned char *copy = PyMem_Malloc(view.len ? (size_t)view.len : 1);
    if (copy == NULL) {
        PyBuffer_Release(&view);
        return PyErr_NoMemory();
    }
    memcpy(copy, view.buf, (size_t)view.len);
    unsigned long sum = 0;
    for (Py_ssize_t i = 0; i < view.len; i++) {
        sum += copy[i];
    }
    PyBuffer_Release(&view);
    if (!leak) {
        PyMem_Free(copy); /* LEAK in checksum: this line is missing */
    }
    return PyLong_FromUnsignedLong(sum);
}

static PyObject *
checksum(PyObject *self, PyObject *arg)
{
    return sum_bytes(arg, 1);
}

static PyObject *
checksum_clean(PyObject *self, PyObject *arg)
{
    return sum_bytes(arg, 0);
}

/* RA106: memory of the C library, which no Python object owns. Left behind on the error path only. */

static APART PyObject *
average_of(PyObject *arg, int leak)
{
    Py_ssize_t count = PySequence_Size(arg);
    if (count < 0) {
        return NULL;
    }
    double *numbers = malloc((size_t)(count + 1) * sizeof(double)); /* BORN: the block of RA106 */
    if (numbers == NULL) {
        return PyErr_NoMemory();
    }
    double sum = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(arg, i);
        numbers[i] = item == NULL ? -1 : PyFloat_AsDouble(item);
        Py_XDECREF(item);
        if (PyErr_Occurred()) {
            if (!leak) {
                free(numbers); /* LEAK in average: this line is missing */
            }
            return NULL;
        }
        sum += numbers[i];
    }
    free(numbers);
    return PyFloat_FromDouble(count ? sum / (double)count : 0);
}

static PyObject *
average(PyObject *self, PyObject *arg)
{
    return average_of(arg, 1);
}

static PyObject *
average_clean(PyObject *self, PyObject *arg)
{
    return average_of(arg, 0);
}

/* RA102: an instance of a heap type owns a reference to its type, and its dealloc must return it. */

static void
handle_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self); /* LEAK: Py_DECREF(type) is missing */
}

static void
clean_handle_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot handle_slots[] = {
    {Py_tp_dealloc, handle_dealloc},
    {0, NULL},
};

static PyType_Slot clean_handle_slots[] = {
    {Py_tp_dealloc, clean_handle_dealloc},
    {0, NULL},
};

static PyType_Spec handle_spec = {
    .name = "leaky_package.Handle",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = handle_slots,
};

static PyType_Spec clean_handle_spec = {
    .name = "leaky_package.CleanHandle",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = clean_handle_slots,
};

/* The module. */

static int
add_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}

static int
exec_module(PyObject *module)
{
    if (add_type(module, &handle_spec) < 0) {
        return -1;
    }
    return add_type(module, &clean_handle_spec);
}

static PyMethodDef methods[] = {
    {"describe", describe, METH_O, "Names the type of a thing; leaks a reference to the thing."},
    {"describe_clean", describe_clean, METH_O, "Names the type of a thing."},
    {"split", split, METH_O, "Splits a text into words; leaks a list when it raises ValueError."},
    {"split_clean", split_clean, METH_O, "Splits a text into words."},
    {"remember", remember, METH_O, "Appends a line to a static list that only grows."},
    {"remember_clean", remember_clean, METH_O, "Returns the line."},
    {"lookup", lookup, METH_O, "Looks a key up in a cache with one entry for each key."},
    {"checksum", checksum, METH_O, "Sums bytes; leaks a block of memory."},
    {"checksum_clean", checksum_clean, METH_O, "Sums bytes."},
    {"average", average, METH_O, "Averages numbers; leaks memory when one of them is no number."},
    {"average_clean", average_clean, METH_O, "Averages numbers."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, exec_module},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "leaky_package._leaky",
    .m_doc = "Leaks on purpose.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__leaky(void)
{
    return PyModuleDef_Init(&definition);
}
