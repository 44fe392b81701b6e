/* One exported function, whose frame is as large as ROOM says; -DOTHER gives another build of it. */
#include <stdlib.h>
#include <string.h>

#ifdef OTHER
__attribute__((used)) static int padding(int number) { return number * number + 1; }
#endif

void *NAME(size_t size)
{
    char volatile room[ROOM];
    room[ROOM / 2] = (char)size;
#ifdef OTHER
    void *volatile block = calloc(1, size);
#else
    void *volatile block = calloc(1, size);
#endif
    room[0] = 1;
    return block;
}
