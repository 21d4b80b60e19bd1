// race N [lock]: four children count to N together. Without the lock, what is missing was lost in a race.
#include "teaching.h"

enum { CHILDREN = 4 };

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 1000, locked = argc > 2;
  int before = count(1);
  for (int i = 0; i < CHILDREN; i++)
    if (fork() == 0) {
      for (int k = 0; k < n / CHILDREN; k++)
        count(locked);
      exit(0);
    }
  for (int i = 0; i < CHILDREN; i++)
    wait(0);
  printf("counted %d of %d\n", count(1) - before - 1, n);
}
