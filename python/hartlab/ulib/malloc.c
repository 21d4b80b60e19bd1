// malloc and free over sbrk: one list of free blocks, in the order of their addresses.
//
//   block:  | size | next or tag | payload ...          |      sizes are multiples of 16, header included
//
// A free block's second word points to the next free block above it; a used block's holds a tag, by which
// free() knows a pointer that malloc() never returned, or that has been freed before. Because the list is in
// address order, neighbours that are both free meet in it and are joined at once.
#include "user.h"

#define ALIGNMENT 16
#define PAGE 4096
#define GROWTH (4 * PAGE)    // ask the kernel for at least so much: a system call costs more than memory
#define LARGEST 0x7fff0000ul // sbrk() takes an int
#define IN_USE ((struct block *)0xa110ca7ed0000001)

struct block {
  uint64 size; // bytes, with this header
  struct block *next;
};

static struct block *lowest; // the free block with the lowest address

static uint64 round_up(uint64 n, uint64 to) { return (n + to - 1) / to * to; }

static int touches(const struct block *low, const struct block *high) {
  return (const char *)low + low->size == (const char *)high;
}

// Puts a block into the list at its place, joined with free neighbours.
static void release(struct block *block) {
  struct block *below = 0;
  struct block *above = lowest;
  while (above != 0 && above < block) {
    below = above;
    above = above->next;
  }

  block->next = above;
  if (above != 0 && touches(block, above)) {
    block->size += above->size;
    block->next = above->next;
  }
  if (below == 0) {
    lowest = block;
  } else if (touches(below, block)) {
    below->size += block->size;
    below->next = block->next;
  } else {
    below->next = block;
  }
}

// Adds memory from the kernel to the list. Returns 0, or -1 when there is none.
static int grow(uint64 need) {
  need += ALIGNMENT; // in case the program has moved the break to an odd place
  uint64 bytes = round_up(need < GROWTH ? GROWTH : need, PAGE);
  char *start = sbrk((int)bytes);
  if (start == SBRK_ERROR) {
    bytes = round_up(need, PAGE);
    start = sbrk((int)bytes);
    if (start == SBRK_ERROR)
      return -1;
  }
  uint64 skip = round_up((uint64)start, ALIGNMENT) - (uint64)start;
  struct block *block = (struct block *)(start + skip);
  block->size = (bytes - skip) / ALIGNMENT * ALIGNMENT;
  release(block);
  return 0;
}

// The first free block that is large enough, cut to size; 0 when there is none.
static struct block *take(uint64 need) {
  for (struct block **link = &lowest; *link != 0; link = &(*link)->next) {
    struct block *block = *link;
    if (block->size < need)
      continue;
    if (block->size - need > sizeof(struct block)) {
      struct block *rest = (struct block *)((char *)block + need);
      rest->size = block->size - need;
      rest->next = block->next;
      *link = rest;
      block->size = need;
    } else {
      *link = block->next;
    }
    block->next = IN_USE;
    return block;
  }
  return 0;
}

void *malloc(uint64 n) {
  if (n > LARGEST - 2 * PAGE)
    return 0;
  uint64 need = sizeof(struct block) + round_up(n == 0 ? 1 : n, ALIGNMENT);
  struct block *block = take(need);
  if (block == 0) {
    if (grow(need) < 0)
      return 0;
    block = take(need);
  }
  return block + 1;
}

void free(void *p) {
  if (p == 0)
    return;
  struct block *block = (struct block *)p - 1;
  if ((uint64)p % ALIGNMENT != 0 || block->next != IN_USE) {
    fprintf(2, "free: %p is not a block in use\n", p);
    exit(-1);
  }
  release(block);
}
