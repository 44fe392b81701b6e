/* Changes of a count, and two other ways to see each of them. They only count; refaudit records a stack, too. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile long seen;
static char *page;
static struct sigaction fault_before, trap_before;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Nanoseconds for one change, of the fastest of so many batches: a neighbour's load falls on some and not on all. In
   each batch so many references are taken and released. */
double changes(volatile long *count, long times, long batches)
{
    double best = 0;
    for (long batch = 0; batch < batches; batch++) {
        double from = now();
        for (long i = 0; i < times; i++) {
            *count += 1;
            *count -= 1;
        }
        double one = (now() - from) / (2.0 * times);
        if (batch == 0 || one < best) best = one;
    }
    return best;
}

long seen_so_far(void) { return seen; }

static void on_fault(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    seen++;
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= 0x100;
}

static void on_step(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    mprotect(page, 4096, PROT_READ);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

static long *read_only(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return NULL;
    sigaction(SIGSEGV, &action, &fault_before);
    seen = 0;
    *(long *)page = 1;
    mprotect(page, 4096, PROT_READ);
    return (long *)page;
}

/* A count on a read-only page, which is made writable for one instruction. NULL when that cannot be. */
long *stepped_count(void)
{
    struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGTRAP, &action, &trap_before);
    return read_only(on_fault);
}

static void on_ignored_fault(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    seen++;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 3;
}

/* The least that any watch by faults can cost: a write that faults is left out. */
double faults(long times, long batches)
{
    long *count = read_only(on_ignored_fault);
    double best = 0;
    for (long batch = 0; count && batch < batches; batch++) {
        double from = now();
        /* Three bytes long: REX.W, opcode, operands. */
        for (long i = 0; i < times; i++) __asm__ volatile("movq %%rcx, (%%rax)" ::"a"(count), "c"(i) : "memory");
        double one = (now() - from) / times;
        if (batch == 0 || one < best) best = one;
    }
    sigaction(SIGSEGV, &fault_before, NULL);
    return best;
}

void end_stepping(void)
{
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    sigaction(SIGSEGV, &fault_before, NULL);
    sigaction(SIGTRAP, &trap_before, NULL);
}

static void on_breakpoint(int signal)
{
    (void)signal;
    seen++;
}

/* A hardware breakpoint on a count, with a signal at each change; a file, or -errno. */
int breakpoint_on(long *count)
{
    struct perf_event_attr event = {
        .type = PERF_TYPE_BREAKPOINT,
        .size = sizeof event,
        .bp_type = HW_BREAKPOINT_W,
        .bp_addr = (uint64_t)count,
        .bp_len = HW_BREAKPOINT_LEN_8,
        .sample_period = 1,
        .precise_ip = 2,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .remove_on_exec = 1,
        .sigtrap = 1,
        .disabled = 1,
    };
    struct sigaction action = {.sa_handler = on_breakpoint};
    sigaction(SIGTRAP, &action, &trap_before);
    seen = 0;
    int file = (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (file < 0) return -errno;
    ioctl(file, PERF_EVENT_IOC_ENABLE, 0);
    return file;
}

void end_breakpoint(int file)
{
    ioctl(file, PERF_EVENT_IOC_DISABLE, 0);
    close(file);
    sigaction(SIGTRAP, &trap_before, NULL);
}
