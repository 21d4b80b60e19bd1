// What the programs here need, on the kernel model and on the host's own Linux.
//
// phase() is where the one who measures looks at the clock: in the model the program waits for a key, and on
// Linux it prints the CPU time that it has used, in nanoseconds.
#ifndef BOTH_H
#define BOTH_H

#define PAGE 4096

#ifdef __riscv

#include "user.h"

static inline void phase(void) {
  char key;
  read(0, &key, 1);
}

#else

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define exit _exit // the system call, as in the model
#define exec execv
#define sbrklazy sbrk

static inline void phase(void) {
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); // pages of 4 KiB on both sides
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  printf("%ld\n", now.tv_sec * 1000000000L + now.tv_nsec);
}

#endif
#endif
