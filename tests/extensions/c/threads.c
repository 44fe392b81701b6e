/* Threads of the module's own, which never hold the GIL: they take memory and give it to each other. */
#include "fixture.h"
#include <pthread.h>
#include <stdlib.h>

#define CROWD 4
#define EACH 25

/* What one thread made for another. */
typedef struct {
    void *volatile blocks[EACH];
} Parcel;

static void *
make_raw(void *unused)
{
    (void)unused;
    void *volatile block = PyMem_RawMalloc(360); /* SITE make_raw */
    return block;
}

static void *
make_native(void *unused)
{
    (void)unused;
    void *volatile block = malloc(240); /* SITE make_native */
    return block;
}

static void *
fill(void *argument)
{
    Parcel *parcel = argument;
    for (int i = 0; i < EACH; i++)
        parcel->blocks[i] = malloc(64); /* SITE fill */
    return NULL;
}

static void *
empty(void *argument)
{
    Parcel *parcel = argument;
    for (int i = 0; i < EACH; i++)
        free(parcel->blocks[i]);
    return NULL;
}

static void *
empty_but_one(void *argument)
{
    Parcel *parcel = argument;
    for (int i = 1; i < EACH; i++) /* LEAK: RA106, one block for each thread */
        free(parcel->blocks[i]);
    return NULL;
}

/* What a new thread returned; the GIL is free meanwhile. */
static void *
from_a_thread(void *(*routine)(void *))
{
    pthread_t thread;
    void *result = NULL;
    Py_BEGIN_ALLOW_THREADS
    if (pthread_create(&thread, NULL, routine, NULL) == 0)
        pthread_join(thread, &result);
    Py_END_ALLOW_THREADS
    return result;
}

/* Runs a routine in many threads at once, each with a parcel of its own. */
static void
crowd(void *(*routine)(void *), Parcel *parcels)
{
    pthread_t threads[CROWD];
    Py_BEGIN_ALLOW_THREADS
    for (int i = 0; i < CROWD; i++) {
        if (pthread_create(&threads[i], NULL, routine, &parcels[i]) != 0)
            abort();
    }
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    Py_END_ALLOW_THREADS
}

static PyObject *
leaky_raw(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    void *block = from_a_thread(make_raw);
    return PyBool_FromLong(block != NULL); /* LEAK: RA105 */
}

static PyObject *
clean_raw(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    void *block = from_a_thread(make_raw);
    PyMem_RawFree(block);
    return PyBool_FromLong(block != NULL);
}

static PyObject *
leaky_native(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    void *block = from_a_thread(make_native);
    return PyBool_FromLong(block != NULL); /* LEAK: RA106 */
}

static PyObject *
clean_native(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    void *block = from_a_thread(make_native);
    free(block);
    return PyBool_FromLong(block != NULL);
}

/* Every block is freed by another thread than the one that took it. */
static PyObject *
leaky_crossed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    Parcel parcels[CROWD];
    crowd(fill, parcels);
    crowd(empty_but_one, parcels);
    Py_RETURN_NONE;
}

static PyObject *
clean_crossed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    Parcel parcels[CROWD];
    crowd(fill, parcels);
    crowd(empty, parcels);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    TWINS(raw, METH_NOARGS),
    TWINS(native, METH_NOARGS),
    TWINS(crossed, METH_NOARGS),
    END_OF_METHODS,
};

NOTHING_TO_DO(threads_exec)
MODULE(threads, methods, threads_exec)
