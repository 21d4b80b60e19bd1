// Processes and harts.
#pragma once
#include "fs.h"
#include "layout.h"
#include "spinlock.h"
#include "types.h"

struct context { // what swtch() keeps: the registers that a function must preserve
  uint64 ra, sp;
  uint64 s[12];
};

struct cpu {
  struct proc *proc;      // that it executes; 0 in the scheduler
  struct context context; // of the scheduler
  int noff;               // how many locks it holds: interrupts are off while there are any
  int intena;             // whether they were on before the first
};

// A page of its own for each process, at TRAPFRAME in its address space. trampoline.S knows the offsets.
struct trapframe {
  uint64 kernel_satp;   //  0
  uint64 kernel_sp;     //  8
  uint64 kernel_trap;   // 16  usertrap()
  uint64 kernel_hartid; // 24
  uint64 epc;           // 32  the user's pc
  uint64 x[32];         // 40  the user's registers; number 0 is not used
};
enum { RA = 1, SP = 2, A0 = 10, A1 = 11, A2 = 12, A7 = 17 };

struct floats { // float.S knows the offsets
  uint64 f[32], fcsr;
};

enum procstate { UNUSED, USED, SLEEPING, RUNNABLE, RUNNING, ZOMBIE };

struct file {
  int open;
  struct entry entry;
  uint32 offset;
};

struct proc {
  struct spinlock lock; // held to look at or change what follows
  enum procstate state;
  void *chan; // what it sleeps for
  int killed;
  int xstate; // for the parent's wait()
  int pid;

  struct proc *parent; // family_lock is held for this

  // The process's own: no lock is needed.
  uint64 kstack; // va of its kernel stack
  uint64 sz;     // bytes of user memory, from 0 on
  pagetable_t pagetable;
  struct trapframe *trapframe;
  struct context context; // swtch() here to run it
  struct floats floats;   // while it has no hart
  struct file files[NFILE];
  char name[16];
};

extern struct proc proc[NPROC];
extern struct cpu cpus[NCPU];
