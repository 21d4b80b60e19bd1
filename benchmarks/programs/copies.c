// copies ROUNDS PAGES: memcpy of PAGES pages from one place to another, both warm. For Linux only: it is what
// the model's fork is compared with.
#include "both.h"

int main(int argc, char **argv) {
  int rounds = atoi(argv[1]), pages = argc > 2 ? atoi(argv[2]) : 0;
  char *from = sbrk(pages * PAGE), *to = sbrk(pages * PAGE);
  memset(from, 1, pages * PAGE);
  memset(to, 2, pages * PAGE);
  phase();
  for (int i = 0; i < rounds; i++)
    for (int j = 0; j < pages; j++) {
      memcpy(to + j * PAGE, from + j * PAGE, PAGE);
      __asm__ volatile("" ::: "memory");
    }
  phase();
  return 0;
}
