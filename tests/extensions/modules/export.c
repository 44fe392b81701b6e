/* Exported slots (PEP 793), from 3.15 on: there is no PyModuleDef. */
#define STATE
#include "sample.h"

static void
sample_free(void *module)
{
    free_calls++;
    drop_state(module);
    tell("free");
}

PyABIInfo_VAR(abi);

static PyMethodDef methods[] = SAMPLE_METHODS;

PySlot definition[] = {
    PySlot_STATIC_DATA(Py_mod_abi, &abi),
    PySlot_STATIC_DATA(Py_mod_name, TEXT(NAME)),
    PySlot_STATIC_DATA(Py_mod_methods, methods),
    PySlot_FUNC(Py_mod_exec, fill),
    PySlot_SIZE(Py_mod_state_size, sizeof(State)),
    PySlot_FUNC(Py_mod_state_traverse, sample_traverse),
    PySlot_FUNC(Py_mod_state_clear, sample_clear),
    PySlot_FUNC(Py_mod_state_free, sample_free),
    PySlot_DATA(Py_mod_gil, Py_MOD_GIL_NOT_USED),
    PySlot_DATA(Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED),
    PySlot_END,
};

PyMODEXPORT_FUNC
JOIN(PyModExport_, NAME)(void)
{
    init_calls++;
    return definition;
}
