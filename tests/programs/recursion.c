// Functions that call themselves: fib, ackermann, the towers of Hanoi, and two that call each other.
#include "check.h"

static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static int ackermann(int m, int n) {
  if (m == 0)
    return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static int moves;

static void hanoi(int discs, int from, int to) {
  if (discs == 0)
    return;
  hanoi(discs - 1, from, 6 - from - to);
  moves++;
  hanoi(discs - 1, 6 - from - to, to);
}

static int is_odd(int n);
static int is_even(int n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(int n) { return n == 0 ? 0 : is_even(n - 1); }

int main(void) {
  int a = 0, b = 1;
  for (int n = 0; n <= 20; n++) {
    CHECK(fib(n) == a);
    int next = a + b;
    a = b;
    b = next;
  }
  // Known closed forms, with little depth: the stack is one page.
  CHECK(ackermann(2, 9) == 2 * 9 + 3);
  CHECK(ackermann(3, 2) == (1 << (2 + 3)) - 3);
  hanoi(10, 1, 3);
  CHECK(moves == (1 << 10) - 1);
  CHECK(is_even(20) && is_odd(21) && !is_odd(20));
  printf("recursion: fib(20) = %d, ackermann(2, 9) = %d, ackermann(3, 2) = %d, hanoi(10) = %d\n", fib(20),
         ackermann(2, 9), ackermann(3, 2), moves);
}
