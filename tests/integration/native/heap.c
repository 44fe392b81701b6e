/* A library that brings malloc and free of its own. */
#include <stddef.h>

static char heap[1 << 20];
static size_t used;

void *malloc(size_t size)
{
    used += (size + 15) & ~(size_t)15;
    return heap + used;
}

void free(void *block) { (void)block; }
