// Locks between harts. A hart that holds one takes no interrupt: the handler might want the same lock.
#include "defs.h"

void initlock(struct spinlock *lock, const char *name) {
  lock->locked = 0;
  lock->name = name;
  lock->cpu = 0;
}

int holding(struct spinlock *lock) { return lock->locked && lock->cpu == mycpu(); }

void acquire(struct spinlock *lock) {
  push_off();
  if (holding(lock))
    panic("acquire: already held");
  while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)) {
  }
  lock->cpu = mycpu();
}

void release(struct spinlock *lock) {
  if (!holding(lock))
    panic("release: not held");
  lock->cpu = 0;
  __atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
  pop_off();
}

// Interrupts off, until there have been as many pop_off(); then as they were.
void push_off(void) {
  int before = interrupts_are_on();
  interrupts_off();
  struct cpu *c = mycpu();
  if (c->noff++ == 0)
    c->intena = before;
}

void pop_off(void) {
  struct cpu *c = mycpu();
  if (interrupts_are_on() || c->noff < 1)
    panic("pop_off");
  if (--c->noff == 0 && c->intena)
    interrupts_on();
}
