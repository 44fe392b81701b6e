/* A small extension module that unloads: one type, one function. NAME is its name. */
#include <Python.h>

#define JOINED(left, right) left##right
#define JOIN(left, right) JOINED(left, right)
#define QUOTED(name) #name
#define QUOTE(name) QUOTED(name)

static PyObject *answer(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(nothing))
{
    return PyLong_FromLong(42);
}

static int execute(PyObject *module)
{
    PyType_Slot slots[] = {{0, NULL}};
    PyType_Spec spec = {QUOTE(NAME) ".Thing", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
    PyObject *type = PyType_FromSpec(&spec);
    int failed = type == NULL || PyModule_AddObjectRef(module, "Thing", type) < 0;
    Py_XDECREF(type);
    return failed ? -1 : 0;
}

static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = QUOTE(NAME), .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC JOIN(PyInit_, NAME)(void)
{
    return PyModuleDef_Init(&definition);
}
