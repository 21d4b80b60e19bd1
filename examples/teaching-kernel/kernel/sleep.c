// Whose turn it is: the scheduler of each hart, and how processes give a hart up and wait.
#include "defs.h"

struct cpu cpus[NCPU];

struct cpu *mycpu(void) { return &cpus[cpuid()]; } // with interrupts off, or it may be another's at once

struct proc *myproc(void) {
  push_off();
  struct proc *p = mycpu()->proc;
  pop_off();
  return p;
}

// Round and round, for ever. A process's lock is handed over: the one side of swtch() takes it, the other releases.
void scheduler(void) {
  struct cpu *c = mycpu();
  for (;;) {
    int ran = 0;
    interrupts_on(); // what processes wait for is often an interrupt: it is taken here
    interrupts_off();
    for (struct proc *p = proc; p < &proc[NPROC]; p++) {
      acquire(&p->lock);
      if (p->state == RUNNABLE) {
        ran = 1;
        p->state = RUNNING;
        c->proc = p;
        swtch(&c->context, &p->context);
        c->proc = 0;
      }
      release(&p->lock);
    }
#ifndef POLL // as older kernels do: look again at once
    if (!ran)
      asm volatile("wfi"); // goes on when an interrupt is pending, which is taken above
#endif
  }
}

// To the scheduler, with p->lock held and no other, and a state that is not RUNNING.
void sched(void) {
  struct proc *p = myproc();
  if (!holding(&p->lock) || mycpu()->noff != 1 || p->state == RUNNING || interrupts_are_on())
    panic("sched");
  int intena = mycpu()->intena; // belongs to this flow of control, not to the hart
  float_save(&p->floats);
  swtch(&p->context, &mycpu()->context);
  float_restore(&p->floats);
  mycpu()->intena = intena;
}

void yield(void) {
  struct proc *p = myproc();
  acquire(&p->lock);
  p->state = RUNNABLE;
  sched();
  release(&p->lock);
}

// Wait for a wakeup(chan), with `lock` released meanwhile: whoever wakes holds it, so no wakeup is missed.
void sleep(void *chan, struct spinlock *lock) {
  struct proc *p = myproc();
  acquire(&p->lock);
  release(lock);
  p->chan = chan;
  p->state = SLEEPING;
  sched();
  p->chan = 0;
  release(&p->lock);
  acquire(lock);
}

void wakeup(void *chan) {
  struct proc *self = myproc();
  for (struct proc *p = proc; p < &proc[NPROC]; p++) {
    if (p == self)
      continue;
    acquire(&p->lock);
    if (p->state == SLEEPING && p->chan == chan)
      p->state = RUNNABLE;
    release(&p->lock);
  }
}
