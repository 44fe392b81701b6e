/* A static type whose memory ends where readable memory ends: a PyTypeObject and nothing after. */
#include <Python.h>
#include <sys/mman.h>

static PyTypeObject prototype = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "staticedge.Static",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
};

static PyObject *kept;

static PyObject *leak(PyObject *self, PyObject *object)
{
    (void)self;
    Py_INCREF(object);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"leak", leak, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "staticedge",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_staticedge(void)
{
    enum { PAGE = 4096 };
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    /* Objects are aligned to 16 bytes. */
    PyTypeObject *type = (PyTypeObject *)(pages + PAGE - (sizeof prototype + 15) / 16 * 16);
    memcpy(type, &prototype, sizeof prototype);
    if (PyType_Ready(type) < 0) {
        return NULL;
    }
    kept = PyModule_Create(&definition);
    if (kept != NULL && PyModule_AddObjectRef(kept, "Static", (PyObject *)type) < 0) {
        return NULL;
    }
    return kept;
}
