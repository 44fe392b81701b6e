/* What every leaking module shares: the method table's rows and the module definition. */
#ifndef FIXTURE_H
#define FIXTURE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* A leaking function and its clean twin, under the names that catalogue.toml uses. */
#define TWINS(name, flags)                          \
    {"leaky_" #name, leaky_##name, flags, NULL},    \
    {"clean_" #name, clean_##name, flags, NULL}

#define ONLY(name, flags) {#name, name, flags, NULL}

#define END_OF_METHODS {NULL, NULL, 0, NULL}

/* Multi-phase initialisation; `exec` fills the module. */
#define MODULE(name, methods, exec)                                       \
    static PyModuleDef_Slot module_slots[] = {                            \
        {Py_mod_exec, (void *)exec},                                      \
        {0, NULL},                                                        \
    };                                                                    \
    static PyModuleDef module_definition = {                              \
        PyModuleDef_HEAD_INIT, #name, NULL, 0, methods, module_slots,     \
        NULL, NULL, NULL,                                                 \
    };                                                                    \
    PyMODINIT_FUNC PyInit_##name(void)                                    \
    {                                                                     \
        return PyModuleDef_Init(&module_definition);                      \
    }

/* For a module that holds nothing but functions. */
#define NOTHING_TO_DO(exec)                         \
    static int exec(PyObject *module)               \
    {                                               \
        (void)module;                               \
        return 0;                                   \
    }

/* Always a part of its caller, which is then the function that a finding must blame. */
#define PART_OF_CALLER static inline __attribute__((always_inline))

/* A new string, different each time, so that nothing can intern or share it. */
PART_OF_CALLER PyObject *
fresh_text(void)
{
    static unsigned serial;
    return PyUnicode_FromFormat("fresh text number %u", ++serial);
}

/* A new integer too big for the small-integer cache. */
PART_OF_CALLER PyObject *
fresh_number(void)
{
    static unsigned serial;
    return PyLong_FromUnsignedLong(1000000000UL + ++serial);
}

#endif
