/* Single-phase initialisation, by macros:
 *
 *   SIZE=<m_size>      -1 when not given; STATE instead for one of 16 bytes with contents
 *   BARE               no functions
 *   CACHED             gives out an object that a C static keeps, as mypyc does
 *   REFERENCE          a C static holds one reference to the module besides */
#include "sample.h"

#if defined(STATE)
#define SIZE STATE_SIZE
#elif !defined(SIZE)
#define SIZE -1
#endif

static void
sample_free(void *module)
{
    free_calls++;
    drop_state(module);
    tell("free");
}

#ifndef BARE
static PyMethodDef methods[] = SAMPLE_METHODS;
#endif

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = TEXT(NAME),
    .m_size = SIZE,
#ifndef BARE
    .m_methods = methods,
#endif
    .m_traverse = sample_traverse,
    .m_clear = sample_clear,
    .m_free = sample_free,
};

#ifdef CACHED
static PyObject *cached;
#endif
#ifdef REFERENCE
static PyObject *cache;
#endif

PyMODINIT_FUNC
JOIN(PyInit_, NAME)(void)
{
    init_calls++;
#ifdef CACHED
    if (cached != NULL) {
        return Py_NewRef(cached);
    }
#endif
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || fill(module) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
#ifdef CACHED
    cached = Py_NewRef(module);
#endif
#ifdef REFERENCE
    Py_XSETREF(cache, Py_NewRef(module));
#endif
    return module;
}
