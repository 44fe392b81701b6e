/* Init functions that fail, one for each macro. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <unistd.h>

#define JOINED(left, right) left##right
#define JOIN(left, right) JOINED(left, right)

int init_calls;

PyMODINIT_FUNC
JOIN(PyInit_, NAME)(void)
{
    init_calls++;
#if defined(RAISES)
    PyErr_SetString(PyExc_RuntimeError, "this module raises when it is imported");
#elif defined(EXITS)
    exit(7);
#elif defined(HANGS)
    for (;;) {
        pause();
    }
#elif defined(ABORTS)
    abort();
#elif defined(SEGFAULTS)
    static volatile int *volatile nowhere;
    *nowhere = 1;
#elif !defined(SILENT)
#error "say how it is to fail"
#endif
    return NULL;
}
