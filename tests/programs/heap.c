// malloc and free under load: blocks of random sizes whose contents are verified, freed in random order.
#include "check.h"

#define SLOTS 64
#define ROUNDS 4000

static struct {
  uchar *start;
  uint size;
  uchar fill;
} slot[SLOTS];

static void verify_and_free(int i) {
  for (uint k = 0; k < slot[i].size; k++)
    CHECK(slot[i].start[k] == (uchar)(slot[i].fill + k));
  free(slot[i].start);
  slot[i].start = 0;
}

int main(void) {
  uint64 seed = 1, total = 0;
  char *before = sbrk(0);
  for (int round = 0; round < ROUNDS; round++) {
    int i = (int)(next_random(&seed) % SLOTS);
    if (slot[i].start) {
      verify_and_free(i);
      continue;
    }
    // Mostly small, now and then some pages.
    uint64 kind = next_random(&seed) % 16;
    slot[i].size = (uint)(next_random(&seed) % (kind == 0 ? 12000 : kind < 4 ? 1000 : 100));
    slot[i].fill = (uchar)next_random(&seed);
    slot[i].start = malloc(slot[i].size);
    CHECK(slot[i].start != 0);
    CHECK((uint64)slot[i].start % 16 == 0);
    for (uint k = 0; k < slot[i].size; k++)
      slot[i].start[k] = (uchar)(slot[i].fill + k);
    total += slot[i].size;
  }
  for (int i = 0; i < SLOTS; i++) {
    if (slot[i].start)
      verify_and_free(i);
  }

  // Everything is free, so it must have joined into one block: as much again fits without the kernel.
  char *after = sbrk(0);
  uint64 heap = (uint64)(after - before);
  void *whole = malloc(heap - 64);
  CHECK(whole != 0 && sbrk(0) == after);
  free(whole);

  CHECK(malloc(1ul << 40) == 0);
  free(0);
  CHECK(heap < 400000);
  printf("heap: %d rounds, %lu bytes in all\n", ROUNDS, total);
}
