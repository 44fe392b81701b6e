/* A library without Python, for ctypes: */
#include <stdlib.h>
#include <string.h>

#ifdef OWN_ALLOCATOR
/* What a statically linked jemalloc looks like from outside. */
__attribute__((visibility("hidden"), noinline)) void *je_malloc(size_t size)
{
    static char heap[65536];
    static size_t used;
    used += (size + 15) & ~(size_t)15;
    return heap + used;
}
void *own(size_t size) { return je_malloc(size); }
const char *version(void) { return "<jemalloc>: fake"; }
#endif

#ifdef VARIABLES
/* As libxml2 does: the functions can be exchanged. */
void *(*volatile taking)(size_t) = malloc;
void (*volatile giving)(void *) = free;
void *take_by_variable(size_t size) { return taking(size); }
void give_by_variable(void *block) { giving(block); }
#endif

void *take(size_t size) { return malloc(size); }
void *zeroed(size_t size) { return calloc(1, size); }
void *grow(void *block, size_t size) { return realloc(block, size); }
void give(void *block) { free(block); }
