// Memory with holes: five areas, two of which are given back while the program sleeps. Type Ctrl-P
// meanwhile, and the kernel lists the others. With an argument it writes to one that is gone, and is killed.
#include "user.h"

#define PGSIZE 4096

int main(int argc, char **argv) {
  (void)argv;
  static const int pages[5] = {2, 3, 1, 7, 9};
  char *area[5];
  for (int i = 0; i < 5; i++) {
    area[i] = myalloc(pages[i] * PGSIZE);
    if (area[i] == MYALLOC_ERROR)
      return 1;
  }
  for (int i = 0; i < 2 * PGSIZE; i++)
    area[0][i] = 'x';

  myfree(area[1]);
  myfree(area[3]);
  if (argc > 1)
    area[1][0] = 'x';

  sleep(50);

  myfree(area[0]);
  myfree(area[2]);
  myfree(area[4]);
  return 0;
}
