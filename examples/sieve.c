// The sieve of Eratosthenes, on memory from malloc.
#include "user.h"

int main(int argc, char **argv) {
  int limit = argc > 1 ? atoi(argv[1]) : 10000;
  char *composite = malloc((uint64)limit + 1);
  if (composite == 0) {
    printf("no memory for %d numbers\n", limit);
    return 1;
  }
  memset(composite, 0, (uint64)limit + 1);

  int count = 0, largest = 0;
  for (int n = 2; n <= limit; n++) {
    if (composite[n])
      continue;
    count++;
    largest = n;
    for (long multiple = (long)n * n; multiple <= limit; multiple += n)
      composite[multiple] = 1;
  }
  printf("%d primes up to %d, the largest is %d\n", count, limit, largest);
  free(composite);
}
