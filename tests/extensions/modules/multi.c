/* Multi-phase initialisation (PEP 489), by macros:
 *
 *   STATE              module state, and the slots of today: per-interpreter GIL, free threading
 *   CACHED             the create slot gives out an object that a C static keeps, as Cython does
 *   BORROWED           its clean twin: the static only looks at the module, m_free resets it
 *   FRAMEWORK          the create slot looks into the interpreter's dict, as pybind11 does
 *   LEAKS, CLEAN       each exec takes an object and a block; and loses them, or not
 *   COPYREG, ATEXIT    exec registers a function of the module there
 *   REFUSES            a second exec raises ImportError, as in numpy */
#include "sample.h"

#ifdef STATE
#define SIZE STATE_SIZE
#else
#define SIZE 0
#endif

#if defined(CACHED) || defined(BORROWED)
static PyObject *kept;
#endif

static void
sample_free(void *module)
{
    free_calls++;
    drop_state(module);
#ifdef BORROWED
    if (kept == module) {
        kept = NULL;
    }
#endif
    tell("free");
}

#if defined(LEAKS) || defined(CLEAN)
static void *volatile scratch;

static int
leak(void)
{
    PyObject *object = PyList_New(3);  /* SITE leaked object */
    scratch = PyMem_RawMalloc(4000);   /* SITE leaked block */
    if (object == NULL || scratch == NULL) {
        return -1;
    }
#ifdef CLEAN
    Py_DECREF(object);
    PyMem_RawFree(scratch);
#endif
    scratch = NULL;
    return 0;
}
#endif

#if defined(COPYREG) || defined(ATEXIT)
/* copyreg.pickle(Thing, ping), or atexit.register(ping). */
static int
enroll(PyObject *module)
{
#ifdef COPYREG
    const char *where = "copyreg", *how = "pickle", *first = "Thing";
#else
    const char *where = "atexit", *how = "register", *first = NULL;
#endif
    PyObject *registry = PyImport_ImportModule(where);
    PyObject *function = PyObject_GetAttrString(module, "ping");
    PyObject *type = first == NULL ? NULL : PyObject_GetAttrString(module, first);
    PyObject *done = NULL;
    if (registry != NULL && function != NULL && (first == NULL || type != NULL)) {
        done = first == NULL ? PyObject_CallMethod(registry, how, "O", function)
                             : PyObject_CallMethod(registry, how, "OO", type, function);
    }
    Py_XDECREF(registry);
    Py_XDECREF(function);
    Py_XDECREF(type);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}
#endif

#if defined(FRAMEWORK)
/* New reference to the cache of all such modules, a dict in the interpreter's own dict. */
static PyObject *
framework(void)
{
    PyObject *shared = PyInterpreterState_GetDict(PyInterpreterState_Get());
    PyObject *key = PyUnicode_FromString("__sample_framework_modules__");
    PyObject *fresh = PyDict_New();
    PyObject *found = NULL;
    if (shared != NULL && key != NULL && fresh != NULL) {
        found = PyDict_SetDefault(shared, key, fresh);
    }
    Py_XINCREF(found);
    Py_XDECREF(key);
    Py_XDECREF(fresh);
    return found;
}
#endif

static int
run(PyObject *module)
{
#ifdef REFUSES
    static int loaded;
    if (loaded) {
        exec_calls++;
        PyErr_SetString(PyExc_ImportError, "cannot load module more than once per process");
        return -1;
    }
    loaded = 1;
#endif
#if defined(CACHED)
    if (kept == module) {
        exec_calls++;
        return 0;
    }
    Py_XSETREF(kept, Py_NewRef(module));
#elif defined(BORROWED)
    kept = module;
#elif defined(FRAMEWORK)
    PyObject *modules = framework();
    if (modules == NULL) {
        return -1;
    }
    PyObject *known = PyDict_GetItemString(modules, TEXT(NAME));
    int set = known == module ? 0 : PyDict_SetItemString(modules, TEXT(NAME), module);
    Py_DECREF(modules);
    if (set < 0 || known == module) {
        exec_calls++;
        return set;
    }
#endif
    if (fill(module) < 0) {
        return -1;
    }
#if defined(LEAKS) || defined(CLEAN)
    return leak();
#elif defined(COPYREG) || defined(ATEXIT)
    return enroll(module);
#else
    return 0;
#endif
}

#if defined(CACHED) || defined(FRAMEWORK)
static PyObject *
create(PyObject *spec, PyModuleDef *Py_UNUSED(unused))
{
    PyObject *known = NULL;
#ifdef CACHED
    known = kept;
#else
    PyObject *modules = framework();
    if (modules == NULL) {
        return NULL;
    }
    known = PyDict_GetItemString(modules, TEXT(NAME));
    Py_DECREF(modules);
#endif
    if (known != NULL) {
        return Py_NewRef(known);
    }
    PyObject *name = PyObject_GetAttrString(spec, "name");
    PyObject *module = name == NULL ? NULL : PyModule_NewObject(name);
    Py_XDECREF(name);
    return module;
}
#endif

static PyMethodDef methods[] = SAMPLE_METHODS;

static PyModuleDef_Slot slots[] = {
#if defined(CACHED) || defined(FRAMEWORK)
    {Py_mod_create, (void *)create},
#endif
    {Py_mod_exec, (void *)run},
#if PY_VERSION_HEX >= 0x030c0000
#if defined(STATE)
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#elif defined(CACHED)
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
#endif
#if PY_VERSION_HEX >= 0x030d0000 && defined(STATE)
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = TEXT(NAME),
    .m_size = SIZE,
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = sample_traverse,
    .m_clear = sample_clear,
    .m_free = sample_free,
};

PyMODINIT_FUNC
JOIN(PyInit_, NAME)(void)
{
    init_calls++;
    return PyModuleDef_Init(&definition);
}
