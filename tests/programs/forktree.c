// A tree of processes: each forks two children down to depth 3, waits for both, and exits with the number of
// processes below and including itself. The root must count fifteen.
#include "check.h"

#define DEPTH 3

static int grow(int depth) {
  int size = 1;
  if (depth == 0)
    return size;
  for (int child = 0; child < 2; child++) {
    int pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
      exit(grow(depth - 1));
  }
  for (int child = 0; child < 2; child++) {
    int status = -1;
    CHECK(wait(&status) > 0);
    size += status;
  }
  return size;
}

int main(void) {
  int mine = 1;

  // A child has a copy of the memory: what it writes stays its own.
  int pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    mine = 2;
    exit(mine + 40);
  }
  int status = 0;
  CHECK(wait(&status) == pid && status == 42 && mine == 1);

  int size = grow(DEPTH);
  CHECK(size == 15);
  CHECK(wait(0) == -1); // nobody is left to wait for
  printf("forktree: %d processes\n", size);
}
