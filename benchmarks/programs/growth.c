// growth ROUNDS PAGES HOW: the time from phase to phase is that of PAGES pages. With HOW "sbrk", each is asked
// for and touched; with "fault", all have been asked for lazily, and each is touched. Between the rounds all
// are given back.
#include "both.h"

int main(int argc, char **argv) {
  int rounds = atoi(argv[1]), pages = atoi(argv[2]);
  int lazy = argc > 3 && strcmp(argv[3], "fault") == 0;
  for (int i = 0; i < rounds; i++) {
    char *start = lazy ? sbrklazy(pages * PAGE) : sbrk(0);
    phase();
    for (int j = 0; j < pages; j++) {
      char *page = lazy ? start + j * PAGE : sbrk(PAGE);
      *(volatile char *)page = 1;
    }
    phase();
    sbrk(-pages * PAGE);
  }
  return 0;
}
