/* Takes and gives back memory by every route of the C library, as a caller says.
 * NAME is the module's name, so that it can be compiled in several ways. */
#define _GNU_SOURCE
#include <Python.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define GLUE(a, b) a##b
#define INIT(name) GLUE(PyInit_, name)
#define TEXT(name) #name
#define WORDS(name) TEXT(name)

extern char *__strdup(const char *text);

/* What PyInit takes: seen only when the module is redirected before. */
static void *volatile at_init;

static void *text_of(size_t size, void *(*copy)(const char *))
{
    static char text[4096];
    memset(text, 'x', sizeof text - 1);
    text[size - 1] = '\0';
    return copy(text);
}

static void *copy_whole(const char *text) { return strdup(text); }
static void *copy_inner(const char *text) { return __strdup(text); }
static void *copy_part(const char *text) { return strndup(text, strlen(text)); }

static void *take_by(const char *route, size_t size)
{
    void *block = NULL;
    if (!strcmp(route, "malloc")) return malloc(size);
    if (!strcmp(route, "calloc")) return calloc(2, size / 2);
    if (!strcmp(route, "realloc")) return realloc(NULL, size);
    if (!strcmp(route, "reallocarray")) return reallocarray(NULL, 2, size / 2);
    if (!strcmp(route, "posix_memalign")) return posix_memalign(&block, 64, size) ? NULL : block;
    if (!strcmp(route, "aligned_alloc")) return aligned_alloc(64, size);
    if (!strcmp(route, "memalign")) return memalign(64, size);
    if (!strcmp(route, "valloc")) return valloc(size);
    if (!strcmp(route, "pvalloc")) return pvalloc(size);
    if (!strcmp(route, "strdup")) return text_of(size, copy_whole);
    if (!strcmp(route, "__strdup")) return text_of(size, copy_inner);
    if (!strcmp(route, "strndup")) return text_of(size, copy_part);
    return NULL;
}

static PyObject *address_or_none(void *block)
{
    if (block == NULL || block == MAP_FAILED) Py_RETURN_NONE;
    return PyLong_FromVoidPtr(block);
}

static PyObject *take(PyObject *self, PyObject *arguments)
{
    const char *route;
    Py_ssize_t size;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "sn", &route, &size)) return NULL;
    return address_or_none(take_by(route, (size_t)size));
}

static PyObject *give(PyObject *self, PyObject *address)
{
    (void)self;
    free(PyLong_AsVoidPtr(address));
    Py_RETURN_NONE;
}

/* resize(address, size) by realloc, resize(address, count, size) by reallocarray */
static PyObject *resize(PyObject *self, PyObject *arguments)
{
    unsigned long long address;
    size_t first, second = 0;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "Kn|n", &address, &first, &second)) return NULL;
    void *old = (void *)address;
    return address_or_none(second ? reallocarray(old, first, second) : realloc(old, first));
}

static PyObject *map(PyObject *self, PyObject *arguments)
{
    unsigned long long wish = 0;
    Py_ssize_t length;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "n|iK", &length, &flags, &wish)) return NULL;
    return address_or_none(mmap((void *)wish, (size_t)length, PROT_READ | PROT_WRITE, flags, -1, 0));
}

static PyObject *unmap(PyObject *self, PyObject *arguments)
{
    unsigned long long start;
    Py_ssize_t length;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "Kn", &start, &length)) return NULL;
    return PyLong_FromLong(munmap((void *)start, (size_t)length));
}

static PyObject *remap(PyObject *self, PyObject *arguments)
{
    unsigned long long start;
    Py_ssize_t old_length, length;
    int flags;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "Knni", &start, &old_length, &length, &flags)) return NULL;
    return address_or_none(mremap((void *)start, (size_t)old_length, (size_t)length, flags));
}

/* Whether a failing and a succeeding call leave errno as the C library does. */
static PyObject *errors(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    errno = 0;
    void *volatile huge = malloc(PTRDIFF_MAX);
    int failed = errno;
    errno = EDOM;
    void *volatile block = malloc(100);
    int kept = errno;
    free(block);
    int freed = errno;
    return Py_BuildValue("Oiii", huge ? Py_True : Py_False, failed, kept, freed);
}

/* Takes blocks of a size until there is no memory; gives them all back; returns how many. */
static PyObject *exhaust(PyObject *self, PyObject *size)
{
    size_t bytes = PyLong_AsSize_t(size), count = 0;
    void **chain = NULL, **block;
    (void)self;
    while ((block = malloc(bytes)) != NULL) {
        *block = chain;
        chain = block;
        count++;
    }
    while (chain != NULL) {
        void **next = *chain;
        free(chain);
        chain = next;
    }
    return PyLong_FromSize_t(count);
}

/* Seconds that a number of malloc and free take. */
static PyObject *spin(PyObject *self, PyObject *rounds)
{
    long count = PyLong_AsLong(rounds);
    struct timespec start, end;
    (void)self;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < count; i++) {
        void *volatile block = malloc(64);
        free(block);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return PyFloat_FromDouble((end.tv_sec - start.tv_sec) + 1e-9 * (end.tv_nsec - start.tv_nsec));
}

static PyMethodDef methods[] = {
    {"take", take, METH_VARARGS, NULL},      {"give", give, METH_O, NULL},
    {"resize", resize, METH_VARARGS, NULL},  {"map", map, METH_VARARGS, NULL},
    {"unmap", unmap, METH_VARARGS, NULL},    {"remap", remap, METH_VARARGS, NULL},
    {"errors", errors, METH_NOARGS, NULL},   {"exhaust", exhaust, METH_O, NULL},
    {"spin", spin, METH_O, NULL},            {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = WORDS(NAME),
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC INIT(NAME)(void)
{
    at_init = malloc(31337);
    return PyModule_Create(&definition);
}
