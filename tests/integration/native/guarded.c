/* What writes to a guarded object in unusual ways, and what handles signals itself. */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STRING(x) #x
#define TEXT(x) STRING(x)
#define JOIN(a, b) a##b
#define INIT(name) JOIN(PyInit_, name)

struct hammer {
    long times;
    Py_ssize_t *count;
};

static void *hammer(void *argument)
{
    struct hammer *hammer = argument;
    for (long i = 0; i < hammer->times; i++)
        __asm__ volatile("lock incq %0" : "+m"(*hammer->count)::"memory", "cc");
    for (long i = 0; i < hammer->times; i++)
        __asm__ volatile("lock decq %0" : "+m"(*hammer->count)::"memory", "cc");
    return NULL;
}

/* hammer(object, threads, times): each thread takes so many references and then releases them, without the GIL. */
static PyObject *threads(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *object;
    int count;
    struct hammer work;
    if (!PyArg_ParseTuple(args, "Oil", &object, &count, &work.times)) return NULL;
    work.count = (Py_ssize_t *)object;
    pthread_t threads[64];
    Py_BEGIN_ALLOW_THREADS
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, hammer, &work);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *take_and_release(PyObject *self, PyObject *object)
{
    (void)self;
    for (int i = 0; i < 1000; i++) {
        Py_INCREF(object);
        __asm__ volatile("" ::: "memory");
        Py_DECREF(object);
        __asm__ volatile("" ::: "memory");
    }
    Py_RETURN_NONE;
}

/* on_alternate_stack(object): takes and releases a reference in a signal handler that has little stack. */
static PyObject *waiting;

static void on_user_signal(int signal)
{
    (void)signal;
    Py_INCREF(waiting);
    __asm__ volatile("" ::: "memory");
    Py_DECREF(waiting);
}

static PyObject *on_alternate_stack(PyObject *self, PyObject *object)
{
    (void)self;
    size_t size = (size_t)sysconf(_SC_SIGSTKSZ) + 32768;
    stack_t stack = {.ss_sp = malloc(size), .ss_size = size}, old;
    struct sigaction action = {.sa_handler = on_user_signal, .sa_flags = SA_ONSTACK}, before;
    waiting = object;
    sigaltstack(&stack, &old);
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, NULL);
    sigaltstack(&old, NULL);
    free(stack.ss_sp);
    Py_RETURN_NONE;
}

/* survive(object): its own handler of SIGSEGV jumps out of a fault; the counts go on. */
static sigjmp_buf home;

static void jump(int signal)
{
    (void)signal;
    siglongjmp(home, 1);
}

static PyObject *survive(PyObject *self, PyObject *object)
{
    (void)self;
    struct sigaction action = {.sa_handler = jump}, before, during;
    if (sigaction(SIGSEGV, &action, &before)) return PyErr_SetFromErrno(PyExc_OSError);
    volatile int jumps = 0;
    for (volatile int i = 0; i < 3; i++) {
        if (sigsetjmp(home, 1) == 0) {
            Py_INCREF(object);
            __asm__ volatile("" ::: "memory");
            *(volatile int *)16 = 1;
        }
        jumps++;
        Py_DECREF(object);
        __asm__ volatile("" ::: "memory");
    }
    sigaction(SIGSEGV, NULL, &during);
    sigaction(SIGSEGV, &before, NULL);
    return Py_BuildValue("(iO)", jumps, during.sa_handler == jump ? Py_True : Py_False);
}

/* deaf(): starts a thread that blocks SIGSEGV and never ends, by no function that can be hooked. */
static void *sleeper(void *nothing)
{
    uint64_t set = UINT64_C(1) << (SIGSEGV - 1);
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, sizeof set);
    *(volatile int *)nothing = 1;
    for (;;) pause();
    return NULL;
}

static PyObject *deaf(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    static volatile int asleep;
    pthread_t thread;
    pthread_create(&thread, NULL, sleeper, (void *)&asleep);
    while (!asleep) usleep(1000);
    Py_RETURN_NONE;
}

/* blocking(object): blocks every signal while it takes and releases a reference; whether it was told so meanwhile, and
   that they were open before and after. */
static PyObject *blocking(PyObject *self, PyObject *object)
{
    (void)self;
    sigset_t all, before, during, after;
    sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, &before)) return PyErr_SetFromErrno(PyExc_OSError);
    Py_INCREF(object);
    __asm__ volatile("" ::: "memory");
    Py_DECREF(object);
    sigprocmask(SIG_SETMASK, &before, &during);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    return Py_BuildValue("(iii)", sigismember(&before, SIGSEGV) + sigismember(&before, SIGTRAP),
                         sigismember(&during, SIGSEGV) + sigismember(&during, SIGTRAP),
                         sigismember(&after, SIGSEGV) + sigismember(&after, SIGTRAP));
}

static PyObject *crash(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    *(volatile int *)16 = 1;
    Py_RETURN_NONE;
}

/* odd(object): an instruction that writes to the count and that nobody emulates. */
static PyObject *odd(PyObject *self, PyObject *object)
{
    (void)self;
    uint64_t low = ((uint64_t *)object)[0], high = ((uint64_t *)object)[1];
    __asm__ volatile("lock cmpxchg16b (%2)"
                     : "+a"(low), "+d"(high)
                     : "r"(object), "b"(low + 1), "c"(high)
                     : "memory", "cc");
    ((volatile Py_ssize_t *)object)[0] -= 1;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"hammer", threads, METH_VARARGS, NULL},
    {"take_and_release", take_and_release, METH_O, NULL},
    {"on_alternate_stack", on_alternate_stack, METH_O, NULL},
    {"survive", survive, METH_O, NULL},
    {"deaf", deaf, METH_NOARGS, NULL},
    {"blocking", blocking, METH_O, NULL},
    {"crash", crash, METH_NOARGS, NULL},
    {"odd", odd, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, TEXT(NAME), NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC INIT(NAME)(void)
{
    return PyModule_Create(&definition);
}
