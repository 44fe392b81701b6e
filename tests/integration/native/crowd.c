/* Threads that allocate and free across each other, and forks and signals in the middle of it. */
#define _GNU_SOURCE
#include <Python.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, SHELVES = 512 };

/* A thread puts a block on a shelf and frees whatever stood there, of whichever thread. */
static _Atomic(void *) shelves[SHELVES];
static atomic_int stopping;
static pthread_t crowd[THREADS];
static long rounds;

static void *shuffle(void *argument)
{
    unsigned seed = (unsigned)(size_t)argument + 1;
    for (long i = 0; (rounds == 0 || i < rounds) && !atomic_load(&stopping); i++) {
        seed = seed * 1664525u + 1013904223u;
        void *fresh = malloc(16 + seed % 2000);
        if (seed % 5 == 0 && fresh != NULL) {
            void *larger = realloc(fresh, 3000);
            fresh = larger != NULL ? larger : fresh;
        }
        free(atomic_exchange(&shelves[(seed >> 8) % SHELVES], fresh));
    }
    return NULL;
}

static void begin(long count)
{
    rounds = count;
    atomic_store(&stopping, 0);
    for (size_t i = 0; i < THREADS; i++) pthread_create(&crowd[i], NULL, shuffle, (void *)i);
}

static void end(void)
{
    for (size_t i = 0; i < THREADS; i++) pthread_join(crowd[i], NULL);
}

static long standing(void)
{
    long count = 0;
    for (size_t i = 0; i < SHELVES; i++) count += atomic_load(&shelves[i]) != NULL;
    return count;
}

/* Lets all threads do some rounds; returns how many blocks stand on the shelves afterwards. */
static PyObject *run(PyObject *self, PyObject *count)
{
    (void)self;
    begin(PyLong_AsLong(count));
    Py_BEGIN_ALLOW_THREADS
    end();
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(standing());
}

static PyObject *clear(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    for (size_t i = 0; i < SHELVES; i++) free(atomic_exchange(&shelves[i], NULL));
    Py_RETURN_NONE;
}

static PyObject *start(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    begin(0);
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    atomic_store(&stopping, 1);
    end();
    return PyLong_FromLong(standing());
}

/* Forks while the threads work; every child allocates a little and exits. Returns how many did. */
static PyObject *fork_often(PyObject *self, PyObject *count)
{
    long good = 0, times = PyLong_AsLong(count);
    (void)self;
    for (long i = 0; i < times; i++) {
        pid_t child = fork();
        if (child == 0) {
            void *volatile block = malloc(100);
            block = realloc(block, 100000);
            free(block);
            _exit(7);
        }
        int status = 0;
        good += child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7;
    }
    return PyLong_FromLong(good);
}

static void *from_handler[64];
static volatile sig_atomic_t ticks;

/* The interrupted loop maps and unmaps; the handler does the same, or uses the heap. It must not
 * interrupt the C heap with the C heap, which is no good without any hook. */
static void on_tick(int number)
{
    (void)number;
    size_t place = (size_t)ticks++ % 64;
    if (from_handler[place] != NULL) munmap(from_handler[place], 8192);
    from_handler[place] = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void on_tick_heap(int number)
{
    (void)number;
    size_t place = (size_t)ticks++ % 64;
    free(from_handler[place]);
    from_handler[place] = malloc(100 + place);
}

static PyObject *signals(PyObject *self, PyObject *arguments)
{
    int heap, wanted;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "pi", &heap, &wanted)) return NULL;
    struct sigaction action = {.sa_handler = heap ? on_tick_heap : on_tick, .sa_flags = SA_RESTART}, before;
    struct itimerval timer = {{0, 200}, {0, 200}}, none = {{0, 0}, {0, 0}};
    ticks = 0;
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &timer, NULL);
    long loops = 0;
    while (ticks < wanted) {
        void *block = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(block, 4096);
        loops++;
    }
    setitimer(ITIMER_REAL, &none, NULL);
    sigaction(SIGALRM, &before, NULL);
    long kept = 0;
    for (size_t i = 0; i < 64; i++) kept += from_handler[i] != NULL;
    return Py_BuildValue("ll", kept, loops);
}

static PyObject *after_signals(PyObject *self, PyObject *heap)
{
    (void)self;
    for (size_t i = 0; i < 64; i++) {
        if (PyObject_IsTrue(heap)) free(from_handler[i]);
        else if (from_handler[i] != NULL) munmap(from_handler[i], 8192);
        from_handler[i] = NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"run", run, METH_O, NULL},
    {"clear", clear, METH_NOARGS, NULL},
    {"start", start, METH_NOARGS, NULL},
    {"stop", stop, METH_NOARGS, NULL},
    {"fork_often", fork_often, METH_O, NULL},
    {"signals", signals, METH_VARARGS, NULL},
    {"after_signals", after_signals, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "crowd",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_crowd(void) { return PyModule_Create(&definition); }
