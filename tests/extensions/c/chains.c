/* Blocks that are resized: a resized block is the block that it was, wherever it moved to. */
#include "fixture.h"
#include <stdlib.h>
#include <string.h>

/* Kept out of line: the frame of whoever resizes is another one than that of the birth. */
#define APART __attribute__((noinline))

static APART void *
grow(void *block, size_t size)
{
    void *moved = realloc(block, size);
    if (moved == NULL)
        free(block);
    return moved;
}

static APART char *
born_small(void)
{
    char *block = malloc(24); /* SITE born_small */
    if (block != NULL)
        memset(block, 1, 24);
    return block;
}

static PyObject *
leaky_chain(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *volatile block = malloc(16); /* SITE leaky_chain */
    for (size_t size = 32; size <= 4096; size *= 2)
        block = realloc(block, size);
    Py_RETURN_NONE; /* LEAK: RA106 */
}

static PyObject *
clean_chain(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *volatile block = malloc(16);
    for (size_t size = 32; size <= 4096; size *= 2)
        block = realloc(block, size);
    free(block);
    Py_RETURN_NONE;
}

/* Born in one function, moved by another, forgotten by a third. */
static PyObject *
leaky_moved(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *volatile small = born_small();
    char *volatile block = grow(small, 200000);
    return PyBool_FromLong(block != NULL); /* LEAK: RA106 */
}

static PyObject *
clean_moved(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *volatile small = born_small();
    char *volatile block = grow(small, 200000);
    free(block);
    return PyBool_FromLong(block != NULL);
}

/* A resize that fails leaves the old block alive. */
static PyObject *
leaky_failed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static const volatile size_t too_much = (size_t)PTRDIFF_MAX - 100;
    char *volatile block = malloc(150); /* SITE leaky_failed */
    char *volatile moved = realloc(block, too_much);
    return PyBool_FromLong(moved == NULL); /* LEAK: RA106 */
}

static PyObject *
clean_failed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static const volatile size_t too_much = (size_t)PTRDIFF_MAX - 100;
    char *volatile block = malloc(150);
    char *volatile moved = realloc(block, too_much);
    free(block);
    return PyBool_FromLong(moved == NULL);
}

/* Born in another call, and resized in every one. */
static PyObject *
clean_buffer(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    static char *block;
    static size_t size = 64;
    size = size == 64 ? 200000 : 64;
    char *moved = realloc(block, size);
    if (moved == NULL)
        return PyErr_NoMemory();
    block = moved;
    Py_RETURN_NONE;
}

/* A bounded log that lives in memory from before any audit, as OpenSSL's ring of errors does: one
 * buffer of an entry is used again, the other one is taken anew. */
#define ENTRIES 16
struct log { unsigned next; struct { char *again, *anew; } entry[ENTRIES]; };
static struct log *the_log;

static PyObject *
clean_ring(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    unsigned number = the_log->next++ % ENTRIES;
    char *again = realloc(the_log->entry[number].again, 23);
    if (again == NULL)
        return PyErr_NoMemory();
    the_log->entry[number].again = again;
    free(the_log->entry[number].anew);
    the_log->entry[number].anew = malloc(17);
    Py_RETURN_NONE;
}

static int
chains_exec(PyObject *Py_UNUSED(module))
{
    the_log = calloc(1, sizeof *the_log);
    return the_log == NULL ? -1 : 0;
}

static PyMethodDef methods[] = {
    TWINS(chain, METH_NOARGS),
    TWINS(moved, METH_NOARGS),
    TWINS(failed, METH_NOARGS),
    ONLY(clean_buffer, METH_NOARGS),
    ONLY(clean_ring, METH_NOARGS),
    END_OF_METHODS,
};

MODULE(chains, methods, chains_exec)
