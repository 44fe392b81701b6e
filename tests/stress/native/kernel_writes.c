/* For LD_PRELOAD: what the kernel is to write into a guarded object, which is read-only for it, the caller's own
   instructions write. Production guards an object's first 16 bytes only and needs none of this. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* Calls once more with memory of our own when the first call was refused for its buffer. */
#define THROUGH_A_COPY(buffer, size, call, again)                             \
    do {                                                                      \
        ssize_t done = call;                                                  \
        if (done >= 0 || errno != EFAULT || size == 0) return done;           \
        void *copy = malloc(size);                                            \
        if (copy == NULL) return done;                                        \
        done = again;                                                         \
        int error = errno;                                                    \
        if (done > 0) memcpy(buffer, copy, (size_t)done);                     \
        free(copy);                                                           \
        errno = error;                                                        \
        return done;                                                          \
    } while (0)

#define ORIGINAL(type, name, ...)                                             \
    static type (*original)(__VA_ARGS__);                                     \
    if (original == NULL) original = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t read(int file, void *buffer, size_t size)
{
    ORIGINAL(ssize_t, "read", int, void *, size_t);
    THROUGH_A_COPY(buffer, size, original(file, buffer, size), original(file, copy, size));
}

ssize_t pread64(int file, void *buffer, size_t size, off_t at)
{
    ORIGINAL(ssize_t, "pread64", int, void *, size_t, off_t);
    THROUGH_A_COPY(buffer, size, original(file, buffer, size, at), original(file, copy, size, at));
}

ssize_t recv(int file, void *buffer, size_t size, int flags)
{
    ORIGINAL(ssize_t, "recv", int, void *, size_t, int);
    THROUGH_A_COPY(buffer, size, original(file, buffer, size, flags), original(file, copy, size, flags));
}

ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
    ORIGINAL(ssize_t, "getrandom", void *, size_t, unsigned);
    THROUGH_A_COPY(buffer, size, original(buffer, size, flags), original(copy, size, flags));
}
