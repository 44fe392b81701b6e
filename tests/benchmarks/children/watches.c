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

/* Nanoseconds for one change: so many references are taken and released. */
double changes(volatile long *count, long times)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (long i = 0; i < times; i++) {
        *count += 1;
        *count -= 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    return ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / (2.0 * times);
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

/* A count on a read-only page, which is made writable for one instruction. NULL when that cannot be. */
long *stepped_count(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return NULL;
    sigaction(SIGSEGV, &action, &fault_before);
    action.sa_sigaction = on_step;
    sigaction(SIGTRAP, &action, &trap_before);
    seen = 0;
    *(long *)page = 1;
    mprotect(page, 4096, PROT_READ);
    return (long *)page;
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
