/* Brings an allocator of its own, under the names of jemalloc: no import table shows its calls. */
#include "fixture.h"

#define ROOM (1 << 16)

void *je_malloc(size_t size);
void je_free(void *block);
int je_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size);

static _Alignas(16) char room[ROOM];
static size_t used;

void *
je_malloc(size_t size)
{
    size_t start = used;
    if (size > ROOM - start)
        return NULL;
    used += (size + 15) & ~(size_t)15;
    return room + start;
}

void
je_free(void *block)
{
    if (block != NULL)
        used = (size_t)((char *)block - room);
}

int
je_mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size)
{
    (void)name, (void)old, (void)old_size, (void)new, (void)new_size;
    return 1;
}

/* A leak that cannot be seen: the audit must say that it did not look there. */
static PyObject *
hidden(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    char *volatile block = je_malloc(48);
    return PyBool_FromLong(block != NULL);
}

static PyMethodDef methods[] = {
    ONLY(hidden, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(ownalloc_exec)
MODULE(ownalloc, methods, ownalloc_exec)
