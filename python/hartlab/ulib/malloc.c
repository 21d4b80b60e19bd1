// malloc and free over sbrk: one list of free blocks, in the order of their addresses.
//
//   block:  | size | next or tag | payload ...          |      sizes are multiples of 16, header included
//
// A free block's second word points to the next free block above it; a used block's holds a tag, by which
// free() knows a pointer that malloc() never returned, or that has been freed before. Because the list is in
// address order, neighbours that are both free meet in it and are joined at once.
//
// Small blocks share pages. The break can only move at its end, so that is where pages go back to the kernel: as soon as
// nothing is in them and nothing in use lies above. A page that is empty further down stays, for blocks to come.
#include "user.h"

#define ALIGNMENT 16
#define PAGE 4096
#define LARGEST 0x7fff0000ul // sbrk() takes an int
#define IN_USE ((struct block *)0xa110ca7ed0000001)

struct block {
  uint64 size; // bytes, with this header
  struct block *next;
};

// Not static: hartlab.heap_blocks() looks here to show the heap.
struct {
  struct block *lowest; // the free block with the lowest address
  char *start;          // the blocks lie one behind the other, from here ...
  char *end;            // ... to here, where the break was left
} malloc_heap;

static uint64 round_up(uint64 n, uint64 to) { return (n + to - 1) / to * to; }

static int touches(const struct block *low, const struct block *high) {
  return (const char *)low + low->size == (const char *)high;
}

// Puts a block into the list at its place, joined with free neighbours. Returns what it is then part of.
static struct block *release(struct block *block) {
  struct block *below = 0;
  struct block *above = malloc_heap.lowest;
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
    malloc_heap.lowest = block;
  } else if (touches(below, block)) {
    below->size += block->size;
    below->next = block->next;
    block = below;
  } else {
    below->next = block;
  }
  return block;
}

// Gives the pages that lie wholly in a free block back to the kernel, if the block is the heap's last and nobody but
// us has moved the break.
static void give_back(struct block *block) {
  char *first = (char *)round_up((uint64)block, PAGE);
  if ((char *)block + block->size != malloc_heap.end || first >= malloc_heap.end || sbrk(0) != malloc_heap.end)
    return;
  if (first == (char *)block) {
    struct block **link = &malloc_heap.lowest;
    while (*link != block)
      link = &(*link)->next;
    *link = 0;
  } else {
    block->size = (uint64)(first - (char *)block);
  }
  while (malloc_heap.end > first) {
    uint64 bytes = (uint64)(malloc_heap.end - first);
    bytes = bytes < LARGEST ? bytes : LARGEST;
    sbrk(-(int)bytes);
    malloc_heap.end -= bytes;
  }
}

// Adds memory from the kernel to the list, no more than is lacking for a block of that size. Returns 0, or -1 when
// there is none.
static int grow(uint64 need) {
  char *start = sbrk(0);
  if (start == malloc_heap.end) {
    struct block *last = malloc_heap.lowest;
    while (last != 0 && last->next != 0)
      last = last->next;
    if (last != 0 && (char *)last + last->size == start)
      need -= last->size;
  }
  uint64 skip = round_up((uint64)start, ALIGNMENT) - (uint64)start; // the program may have left the break anywhere
  uint64 end = round_up((uint64)start + skip + need, PAGE);
  if (sbrk((int)(end - (uint64)start)) == SBRK_ERROR)
    return -1;
  struct block *block = (struct block *)(start + skip);
  block->size = end - (uint64)block;
  if ((char *)block != malloc_heap.end)
    malloc_heap.start = (char *)block;
  malloc_heap.end = (char *)end;
  release(block);
  return 0;
}

// The first free block that is large enough, cut to size; 0 when there is none.
static struct block *take(uint64 need) {
  for (struct block **link = &malloc_heap.lowest; *link != 0; link = &(*link)->next) {
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
  int beyond = (char *)p >= malloc_heap.end; // a page that has gone back must not be looked into
  if ((uint64)p % ALIGNMENT != 0 || beyond || block->next != IN_USE) {
    fprintf(2, "free: %p is not a block in use\n", p);
    exit(-1);
  }
  give_back(release(block));
}
