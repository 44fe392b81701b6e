/* Counts references through imported functions, as extensions for the limited API do. An extension module, so that its
 * import table is redirected. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *pairs(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *object;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(arguments, "On", &object, &times))
        return NULL;
    for (Py_ssize_t i = 0; i < times; i++) {
        Py_IncRef(object);
        Py_DecRef(object);
    }
    return PyLong_FromSsize_t(times);
}

static PyMethodDef methods[] = {{"pairs", pairs, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "counting", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit_counting(void)
{
    return PyModule_Create(&definition);
}
