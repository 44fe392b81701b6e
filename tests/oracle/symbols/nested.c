/* Functions within functions, in loops and branches, for the comparison with binutils. */
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

struct node {
  struct node *next;
  char *name;
  long value;
};

INLINE void *zeroed(size_t size) {
  void *block = malloc(size);
  if (block)
    memset(block, 0, size);
  return block;
}

INLINE char *copied(const char *text) {
  size_t length = strlen(text) + 1;
  char *copy = zeroed(length);
  if (copy)
    memcpy(copy, text, length);
  return copy;
}

INLINE struct node *made(const char *name, long value) {
  struct node *node = zeroed(sizeof *node);
  if (!node)
    return NULL;
  node->name = copied(name);
  node->value = value;
  return node;
}

static __attribute__((noinline)) long total(const struct node *list) {
  long sum = 0;
  for (; list; list = list->next)
    sum += list->value;
  return sum;
}

struct node *build(const char *const *names, int count) {
  struct node *list = NULL;
  for (int index = 0; index < count; index++) {
    struct node *node = made(names[index], index);
    if (!node)
      break;
    node->next = list;
    list = node;
  }
  return list;
}

long destroy(struct node *list) {
  long sum = total(list);
  while (list) {
    struct node *next = list->next;
    free(list->name);
    free(list);
    list = next;
  }
  return sum;
}
