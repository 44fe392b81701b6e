/* Calls back, and leaks, from below native stacks of every kind. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#define APART __attribute__((noinline, noclone))

/* Keeps the compiler from making a jump of the last call in a function. */
static volatile long after;

static PyObject *witness;

/* The next `leak` calls this first: it sees the very instruction that leaks. */
static PyObject *witnessed_by(PyObject *module, PyObject *function)
{
    (void)module;
    Py_XSETREF(witness, Py_NewRef(function));
    Py_RETURN_NONE;
}

static PyObject *leak(PyObject *module, PyObject *size)
{
    (void)module;
    size_t bytes = PyLong_AsSize_t(size);
    if (witness != NULL) {
        PyObject *function = witness;
        witness = NULL;
        PyObject *result = PyObject_CallNoArgs(function);
        Py_DECREF(function);
        if (result == NULL) return NULL;
        Py_DECREF(result);
    }
    if (PyMem_Malloc(bytes) == NULL) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* In the C library's heap. Empty: left-over words in a block look as if it held others. */
static PyObject *leak_native(PyObject *module, PyObject *size)
{
    (void)module;
    void *volatile block = calloc(1, PyLong_AsSize_t(size));
    (void)block;
    Py_RETURN_NONE;
}

APART static PyObject *nested(long depth, PyObject *function)
{
    PyObject *result = depth > 0 ? nested(depth - 1, function) : PyObject_CallNoArgs(function);
    after++;
    return result;
}

static PyObject *nest(PyObject *module, PyObject *arguments)
{
    long depth;
    PyObject *function;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "lO", &depth, &function)) return NULL;
    return nested(depth, function);
}

/* As deep, with a block of the C heap taken at the bottom. */
APART static void *deep_block(long depth)
{
    void *volatile block = depth > 0 ? deep_block(depth - 1) : calloc(1, 333);
    after++;
    return block;
}

static PyObject *leak_deeply(PyObject *module, PyObject *depth)
{
    (void)module;
    deep_block(PyLong_AsLong(depth));
    Py_RETURN_NONE;
}

/* The end of the frame is counted from the frame pointer: nobody knows its size beforehand. */
__attribute__((noinline, noclone, optimize("no-omit-frame-pointer"))) static PyObject *
with_alloca(size_t size, long depth, PyObject *function)
{
    char *room = alloca(size);
    memset(room, (int)size, size);
    PyObject *result = depth > 0 ? with_alloca(size + 40, depth - 1, function) : PyObject_CallNoArgs(function);
    after += room[size / 2];
    return result;
}

static PyObject *in_alloca(PyObject *module, PyObject *arguments)
{
    Py_ssize_t size;
    long depth;
    PyObject *function;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "nlO", &size, &depth, &function)) return NULL;
    return with_alloca((size_t)size, depth, function);
}

/* The frame pointer is an ordinary register here, with a value that leads astray. */
__attribute__((noinline, noclone, optimize("omit-frame-pointer"))) static PyObject *
astray(PyObject *function, long value)
{
    register long garbage __asm__("rbp") = value;
    __asm__ volatile("" : "+r"(garbage));
    PyObject *result = with_alloca(100, 3, function);
    __asm__ volatile("" : "+r"(garbage));
    after += garbage;
    return result;
}

static PyObject *in_astray(PyObject *module, PyObject *function)
{
    (void)module;
    return astray(function, 0x4141414141414140);
}

/* Two callers with equal frames: below them everything looks the same but one return address. */
APART static PyObject *left(PyObject *function)
{
    PyObject *result = PyObject_CallNoArgs(function);
    after += 1;
    return result;
}

APART static PyObject *right(PyObject *function)
{
    PyObject *result = PyObject_CallNoArgs(function);
    after += 2;
    return result;
}

/* Calls from both in turn; the first result that is not None. */
static PyObject *alternate(PyObject *module, PyObject *function)
{
    PyObject *(*const callers[])(PyObject *) = {left, right, right, left};
    (void)module;
    for (size_t i = 0; i < 8; i++) {
        PyObject *result = callers[i % 4](function);
        if (result != Py_None) return result;
        Py_DECREF(result);
    }
    Py_RETURN_NONE;
}

static ucontext_t back, there;
static PyObject *called_there;

APART static void on_other_stack(void)
{
    Py_XDECREF(PyObject_CallNoArgs(called_there));
    after++;
}

/* A stack that the thread does not know of, as coroutine libraries make them. */
static PyObject *elsewhere(PyObject *module, PyObject *function)
{
    size_t size = 1 << 20;
    (void)module;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || getcontext(&there) != 0) return PyErr_NoMemory();
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = size;
    there.uc_link = &back;
    called_there = function;
    makecontext(&there, on_other_stack, 0);
    swapcontext(&back, &there);
    munmap(stack, size);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyObject *thread_result;

static void *in_thread(void *function)
{
    PyGILState_STATE state = PyGILState_Ensure();
    thread_result = PyObject_CallNoArgs(function);
    PyGILState_Release(state);
    return NULL;
}

/* A thread that Python did not start. */
static PyObject *foreign_thread(PyObject *module, PyObject *function)
{
    pthread_t thread;
    (void)module;
    Py_BEGIN_ALLOW_THREADS
    if (pthread_create(&thread, NULL, in_thread, function) == 0) pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    return thread_result;
}

static void *take_and_end(void *size)
{
    void *volatile block = calloc(1, (size_t)size);
    if ((size_t)size != 4242) free(block);
    return NULL;
}

/* So many threads, one after the other, that take a block of that size each. */
static PyObject *many_threads(PyObject *module, PyObject *arguments)
{
    long count, good = 0;
    Py_ssize_t size;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "ln", &count, &size)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        good += pthread_create(&thread, NULL, take_and_end, (void *)size) == 0 && pthread_join(thread, NULL) == 0;
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(good);
}

static volatile sig_atomic_t ticks, wanted_ticks;

static void on_tick(int number)
{
    (void)number;
    if (ticks < wanted_ticks) {
        ticks++;
        void *volatile pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        (void)pages;
    }
}

/* Two of many stacks for the same call, so that some are new ones. */
APART static void map_and_unmap(long depth)
{
    if (depth > 0) {
        map_and_unmap(depth - 1);
    } else {
        void *pages = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(pages, 4096);
    }
    after++;
}

/* A handler maps pages and keeps them; what it interrupts maps and unmaps all the while. Not the C
 * heap, which must not be interrupted by itself, with or without hooks. */
static PyObject *signals(PyObject *module, PyObject *wanted)
{
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART}, before;
    struct itimerval timer = {{0, 100}, {0, 100}}, none = {{0, 0}, {0, 0}};
    (void)module;
    ticks = 0;
    wanted_ticks = (sig_atomic_t)PyLong_AsLong(wanted);
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &timer, NULL);
    long loops = 0;
    while (ticks < wanted_ticks) map_and_unmap(loops++ % 50);
    setitimer(ITIMER_REAL, &none, NULL);
    sigaction(SIGALRM, &before, NULL);
    return PyLong_FromLong(loops);
}

static PyMethodDef methods[] = {
    {"witnessed_by", witnessed_by, METH_O, NULL},
    {"leak", leak, METH_O, NULL},
    {"leak_native", leak_native, METH_O, NULL},
    {"leak_deeply", leak_deeply, METH_O, NULL},
    {"nest", nest, METH_VARARGS, NULL},
    {"in_alloca", in_alloca, METH_VARARGS, NULL},
    {"in_astray", in_astray, METH_O, NULL},
    {"alternate", alternate, METH_O, NULL},
    {"elsewhere", elsewhere, METH_O, NULL},
    {"foreign_thread", foreign_thread, METH_O, NULL},
    {"many_threads", many_threads, METH_VARARGS, NULL},
    {"signals", signals, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "contexts",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_contexts(void) { return PyModule_Create(&definition); }
