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

// 16 and 32 bytes share a page, which goes back when both are free, in whatever order.
static void small_blocks_share_a_page(void) {
  char *before = sbrk(0);
  for (int order = 0; order < 2; order++) {
    char *first = malloc(16), *second = malloc(32);
    CHECK((uint64)first / 4096 == (uint64)second / 4096);
    CHECK(sbrk(0) == before + 4096);
    free(order ? first : second);
    CHECK(sbrk(0) == before + 4096);
    free(order ? second : first);
    CHECK(sbrk(0) == before);
  }
}

// Pages below one that is in use stay, and go with it.
static void pages_go_back_from_the_end(void) {
  char *before = sbrk(0);
  char *low = malloc(5000), *high = malloc(5000);
  free(low);
  CHECK(sbrk(0) == before + 3 * 4096);
  char *again = malloc(4000);
  CHECK(again == low);
  free(high);
  CHECK(sbrk(0) == before + 4096);
  free(again);
  CHECK(sbrk(0) == before);
}

// A program that moves the break itself keeps what it has got.
static void break_of_the_programs_own(void) {
  char *before = sbrk(0);
  char *block = malloc(100), *own = sbrk(10);
  CHECK(own == before + 4096);
  own[0] = 'o';
  free(block);
  CHECK(sbrk(0) == own + 10 && own[0] == 'o');
  block = malloc(5000);
  CHECK((uint64)block % 16 == 0 && block > own + 9);
  memset(block, 1, 5000);
  CHECK(own[0] == 'o');
  free(block);
  sbrk(own - (char *)sbrk(0));
  CHECK(malloc(1000) == before + 16);
  free(before + 16);
}

int main(void) {
  small_blocks_share_a_page();
  pages_go_back_from_the_end();

  uint64 seed = 1, total = 0;
  char *before = sbrk(0), *highest = before;
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
    char *now = sbrk(0);
    highest = now > highest ? now : highest;
    total += slot[i].size;
  }
  for (int i = 0; i < SLOTS; i++) {
    if (slot[i].start)
      verify_and_free(i);
  }

  // Everything is free, so it must have joined into one block, and gone back.
  CHECK(sbrk(0) == before);
  CHECK(highest - before < 400000);

  CHECK(malloc(1ul << 40) == 0);
  free(0);
  break_of_the_programs_own();
  printf("heap: %d rounds, %lu bytes in all\n", ROUNDS, total);
}
