// sbrk: eager and lazy growth, what the new pages hold, shrinking, and what is refused.
#include "check.h"

#define PAGE 4096

static void all_zero(const char *start, int n) {
  for (int i = 0; i < n; i += 512)
    CHECK(start[i] == 0);
  CHECK(start[n - 1] == 0);
}

int main(void) {
  char *start = sbrk(0);

  char *eager = sbrk(3 * PAGE);
  CHECK(eager == start && sbrk(0) == start + 3 * PAGE);
  all_zero(eager, 3 * PAGE);
  memset(eager, 'e', 3 * PAGE);

  // Far more than is touched: one page in sixteen comes into being.
  char *lazy = sbrklazy(64 * PAGE);
  CHECK(lazy == start + 3 * PAGE && sbrk(0) == lazy + 64 * PAGE);
  for (int page = 0; page < 64; page += 16) {
    CHECK(lazy[page * PAGE + 7] == 0);
    lazy[page * PAGE + 7] = (char)('A' + page / 16);
  }
  for (int page = 0; page < 64; page += 16)
    CHECK(lazy[page * PAGE + 7] == 'A' + page / 16);
  CHECK(eager[0] == 'e' && eager[3 * PAGE - 1] == 'e');

  // Down and up again: pages that come back are new ones.
  CHECK(sbrk(-66 * PAGE) == lazy + 64 * PAGE);
  CHECK(sbrk(0) == start + PAGE && eager[PAGE - 1] == 'e');
  CHECK(sbrk(2 * PAGE) == start + PAGE);
  all_zero(start + PAGE, 2 * PAGE);

  // By bytes: a page stays as long as the break is inside it.
  CHECK(sbrk(1) == start + 3 * PAGE);
  start[3 * PAGE] = 'b';
  CHECK(sbrk(PAGE - 1) == start + 3 * PAGE + 1);
  CHECK(start[3 * PAGE] == 'b');

  CHECK(sbrk(0x7fffffff) == SBRK_ERROR); // more than the machine has
  CHECK(sbrk(0) == start + 4 * PAGE);
  CHECK(sbrk(-4 * PAGE) == start + 4 * PAGE && sbrk(0) == start);
  printf("breaks: eager, lazy, down, up and by bytes\n");
}
