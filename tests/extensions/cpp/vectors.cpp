/* Objects that C++ containers hold: nothing but their memory points to them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <vector>

namespace {

std::vector<PyObject *> kept;
/* A container that is allocated itself, while somebody watches: memory from before that is unknown. */
std::vector<PyObject *> *far_away;

std::vector<PyObject *> &
far_vector()
{
    if (far_away == nullptr)
        far_away = new std::vector<PyObject *>;
    return *far_away;
}

} // namespace

static PyObject *
leaky_vector(PyObject *, PyObject *object)
{
    kept.push_back(Py_NewRef(object)); /* LEAK: RA103 */
    Py_RETURN_NONE;
}

static PyObject *
clean_vector(PyObject *, PyObject *object)
{
    kept.push_back(Py_NewRef(object));
    Py_DECREF(kept.back());
    kept.pop_back();
    Py_RETURN_NONE;
}

static PyObject *
leaky_far_vector(PyObject *, PyObject *object)
{
    far_vector().push_back(Py_NewRef(object)); /* LEAK: RA103 */
    Py_RETURN_NONE;
}

static PyObject *
clean_far_vector(PyObject *, PyObject *object)
{
    far_vector().push_back(Py_NewRef(object));
    Py_DECREF(far_vector().back());
    far_vector().pop_back();
    Py_RETURN_NONE;
}

#define TWINS(name)                                  \
    {"leaky_" #name, leaky_##name, METH_O, nullptr}, \
    {"clean_" #name, clean_##name, METH_O, nullptr}

static PyMethodDef methods[] = {
    TWINS(vector), TWINS(far_vector), {nullptr, nullptr, 0, nullptr},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "vectors", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr,
};

PyMODINIT_FUNC
PyInit_vectors()
{
    return PyModuleDef_Init(&definition);
}
