// forks N: so many children, one after the other, each with a copy of a megabyte.
#include "user.h"

enum { HEAP = 1 << 20, PAGE = 4096 };

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 10, sum = 0;
  char *heap = sbrk(HEAP);
  for (int i = 0; i < HEAP; i += PAGE)
    heap[i] = (char)(i / PAGE);
  for (int i = 0; i < n; i++) {
    int pid = fork(), status;
    if (pid < 0)
      return 1;
    if (pid == 0)
      exit(heap[i % (HEAP / PAGE) * PAGE] & 127);
    wait(&status);
    sum += status;
  }
  printf("%d children report %d\n", n, sum);
}
