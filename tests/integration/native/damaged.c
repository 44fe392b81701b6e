/* A library that wrecks one entry of its own dynamic table: TAG is the entry, VALUE what it becomes.
 * Called when the loader has nothing to read in it any more. */
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>

extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

void wreck(void)
{
    for (ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == TAG) {
            size_t page = (size_t)entry & ~(size_t)4095;
            mprotect((void *)page, 8192, PROT_READ | PROT_WRITE);
            entry->d_un.d_val = (ElfW(Xword))(VALUE);
            return;
        }
    }
    abort(); /* The entry is not there: the test would prove nothing. */
}

void *take(size_t size) { return malloc(size); }
void give(void *block) { free(block); }
