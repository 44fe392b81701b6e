/* Changes reference counts of its argument at known lines. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *borrow(PyObject *self, PyObject *object)
{
    (void)self;
    Py_INCREF(object); /* TAKEN */
    __asm__ volatile("" ::: "memory");
    Py_DECREF(object); /* GIVEN */
    __asm__ volatile("" ::: "memory");
    Py_RETURN_NONE;
}

static PyObject *keep(PyObject *self, PyObject *object)
{
    (void)self;
    Py_INCREF(object); /* KEPT */
    __asm__ volatile("" ::: "memory");
    Py_RETURN_NONE;
}

static PyObject *release(PyObject *self, PyObject *object)
{
    (void)self;
    Py_DECREF(object); /* RELEASED */
    __asm__ volatile("" ::: "memory");
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"borrow", borrow, METH_O, NULL},
    {"keep", keep, METH_O, NULL},
    {"release", release, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "counts", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_counts(void)
{
    return PyModule_Create(&definition);
}
