// Calls back while a C++ exception is in flight.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

volatile long after;

__attribute__((noinline)) void thrower(long depth)
{
    if (depth > 0)
        thrower(depth - 1);
    else
        throw std::runtime_error("on purpose");
    after = after + 1;
}

PyObject *in_catch(PyObject *, PyObject *function)
{
    try {
        thrower(20);
    } catch (const std::exception &) {
        PyObject *result = PyObject_CallNoArgs(function);
        after = after + 1;
        return result;
    }
    Py_RETURN_NONE;
}

struct Calls {
    PyObject *function;
    PyObject **result;
    ~Calls()
    {
        *result = std::uncaught_exceptions() == 1 ? PyObject_CallNoArgs(function) : nullptr;
        after = after + 1;
    }
};

__attribute__((noinline)) void unwound(PyObject *function, PyObject **result)
{
    Calls calls{function, result};
    thrower(20);
}

// From a destructor that the exception runs on its way.
PyObject *in_destructor(PyObject *, PyObject *function)
{
    PyObject *result = nullptr;
    try {
        unwound(function, &result);
    } catch (const std::exception &) {
        after = after + 1;
    }
    return result;
}

PyMethodDef methods[] = {
    {"in_catch", in_catch, METH_O, nullptr},
    {"in_destructor", in_destructor, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "exceptions", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

} // namespace

PyMODINIT_FUNC PyInit_exceptions() { return PyModule_Create(&definition); }
