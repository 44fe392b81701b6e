/* A native stack of a chosen depth: `nest(depth, function)` calls `function()` below `depth` frames.
 *
 * Loaded with ctypes.PyDLL, so that the GIL stays held and no eval loop lies in between.
 */
#include <Python.h>

__attribute__((noinline)) PyObject *nest(long depth, PyObject *function)
{
    PyObject *result = depth > 0 ? nest(depth - 1, function) : PyObject_CallObject(function, NULL);
    /* Something to do afterwards: this call must not become a jump. */
    __asm__ volatile("" : : "r"(result) : "memory");
    return result;
}
