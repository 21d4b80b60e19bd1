// What the test programs share: a check that names its line, and numbers that are the same on every run.
#ifndef CHECK_H
#define CHECK_H

#include "user.h"

// Ends the program with status 1 and a line that says which condition did not hold.
#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      fprintf(2, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      exit(1);                                                            \
    }                                                                     \
  } while (0)

// Marsaglia's xorshift64: good enough to shuffle test data.
static inline uint64 next_random(uint64 *state) {
  uint64 x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

// One step of a checksum in which the order of the values matters (FNV-1a's, on whole words).
static inline uint64 mix(uint64 sum, uint64 value) { return (sum ^ value) * 0x100000001b3ul; }

#endif
