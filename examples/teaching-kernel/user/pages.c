// pages N: so many times a megabyte that is promised, touched page by page, and given back.
#include "user.h"

enum { HEAP = 1 << 20, PAGE = 4096 };

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 10, sum = 0;
  for (int i = 0; i < n; i++) {
    char *heap = sbrklazy(HEAP);
    if (heap == SBRK_ERROR)
      return 1;
    for (int at = 0; at < HEAP; at += PAGE) {
      sum += heap[at] == 0;
      heap[at] = 1;
    }
    sbrk(-HEAP);
  }
  printf("%d pages came as zeros\n", sum);
}
