/* Memory that the module takes from the C library itself: no allocator of CPython's sees it. */
#include "fixture.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES (4 * 4096)

/* Compilers make a malloc of a realloc when they see that there is no old block. */
static void *volatile nothing;

/* Becomes a part of its caller, which is then the one to blame. */
PART_OF_CALLER void *
aligned_to_64(size_t size)
{
    void *block = NULL;
    return posix_memalign(&block, 64, size) == 0 ? block : NULL;
}

static void
unmap(void *pages)
{
    munmap(pages, PAGES);
}

#define NATIVE_TWINS(name, allocate, release)                                \
    static PyObject *                                                        \
    leaky_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        char *volatile block = allocate;                                     \
        if (block == NULL)                                                   \
            return PyErr_NoMemory();                                         \
        Py_RETURN_NONE; /* LEAK: RA106 */                                    \
    }                                                                        \
    static PyObject *                                                        \
    clean_##name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))     \
    {                                                                        \
        char *volatile block = allocate;                                     \
        if (block == NULL)                                                   \
            return PyErr_NoMemory();                                         \
        release(block);                                                      \
        Py_RETURN_NONE;                                                      \
    }

NATIVE_TWINS(malloc, malloc(120), free)                                         /* SITE leaky_malloc */
NATIVE_TWINS(calloc, calloc(30, 16), free)                                      /* SITE leaky_calloc */
NATIVE_TWINS(realloc, realloc(nothing, 200), free)                              /* SITE leaky_realloc */
NATIVE_TWINS(reallocarray, reallocarray(nothing, 25, 12), free)                 /* SITE leaky_reallocarray */
NATIVE_TWINS(posix_memalign, aligned_to_64(320), free)               /* SITE leaky_posix_memalign */
NATIVE_TWINS(aligned_alloc, aligned_alloc(128, 640), free)                      /* SITE leaky_aligned_alloc */
NATIVE_TWINS(memalign, memalign(32, 96), free)                                  /* SITE leaky_memalign */
NATIVE_TWINS(strdup, strdup("thirty-nine characters of text, in full"), free)  /* SITE leaky_strdup */
NATIVE_TWINS(strndup, strndup("eighteen of these are copied", 18), free)        /* SITE leaky_strndup */
NATIVE_TWINS(large, malloc(1 << 20), free)                                      /* SITE leaky_large */
NATIVE_TWINS(mmap, mmap(NULL, PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), unmap) /* SITE leaky_mmap */

static PyObject *
leaky_error_path(PyObject *Py_UNUSED(module), PyObject *arg)
{
    char *volatile block = malloc(500); /* SITE leaky_error_path */
    if (PyLong_AsLong(arg) == -1 && PyErr_Occurred())
        return NULL; /* LEAK: RA106 */
    free(block);
    Py_RETURN_NONE;
}

static PyObject *
clean_error_path(PyObject *Py_UNUSED(module), PyObject *arg)
{
    char *volatile block = malloc(500);
    long value = PyLong_AsLong(arg);
    free(block);
    return value == -1 && PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* Part of a mapping may be given back alone. */
static PyObject *
leaky_mmap_part(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *pages = mmap(NULL, PAGES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* SITE leaky_mmap_part */
    munmap(pages, PAGES / 2);
    return PyBool_FromLong(pages != MAP_FAILED); /* LEAK: RA106, the second half */
}

static PyObject *
clean_mmap_part(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *pages = mmap(NULL, PAGES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages, PAGES / 2);
    munmap(pages + PAGES / 2, PAGES / 2);
    return PyBool_FromLong(pages != MAP_FAILED);
}

/* The last block is kept, as a cache does: a value that is replaced is none that leaks. */
static PyObject *
clean_last_block(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static char *volatile last;
    free(last);
    last = malloc(700);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    TWINS(malloc, METH_NOARGS),
    TWINS(calloc, METH_NOARGS),
    TWINS(realloc, METH_NOARGS),
    TWINS(reallocarray, METH_NOARGS),
    TWINS(posix_memalign, METH_NOARGS),
    TWINS(aligned_alloc, METH_NOARGS),
    TWINS(memalign, METH_NOARGS),
    TWINS(strdup, METH_NOARGS),
    TWINS(strndup, METH_NOARGS),
    TWINS(large, METH_NOARGS),
    TWINS(mmap, METH_NOARGS),
    TWINS(mmap_part, METH_NOARGS),
    TWINS(error_path, METH_O),
    ONLY(clean_last_block, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(natives_exec)
MODULE(natives, methods, natives_exec)
