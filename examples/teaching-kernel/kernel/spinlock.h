// A lock that a hart spins on, with interrupts off while it holds one.
#pragma once
#include "types.h"

struct cpu;

struct spinlock {
  uint32 locked;
  const char *name;
  struct cpu *cpu; // that holds it
};
