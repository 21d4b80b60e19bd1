// The clock: a tick a hundred times a second, on every hart.
#include "defs.h"

struct spinlock tickslock;
uint64 ticks; // since boot, counted by the hart that took the first

#if defined(SSTC) || defined(SBI)
static void next_tick(void) { csr_write(0x14d, csr_read(time) + TICK); } // stimecmp
#else
static void next_tick(void) { csr_clear(sip, 1UL << SOFTWARE_S); } // timervec has set mtimecmp
#endif

void timer_init(void) {
#if defined(SSTC) || defined(SBI)
  next_tick();
#endif
}

void timer_interrupt(void) {
  static int counting_hart = -1;
  next_tick();
  acquire(&tickslock);
  if (counting_hart < 0)
    counting_hart = cpuid();
  if (counting_hart == cpuid()) {
    ticks++;
    wakeup(&ticks);
  }
  release(&tickslock);
}
