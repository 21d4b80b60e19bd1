// From the reset to main(), which runs in S-mode.
#include "defs.h"

extern void _start(void);
int main(void);

#ifdef SBI

// Firmware has started one hart in S-mode; this one asks for the others. [SBI, Hart State Management]
long sbi_call(uint64 extension, uint64 function, uint64 a0, uint64 a1, uint64 a2);

void start(void) {
  static int asked;
  if (!__atomic_exchange_n(&asked, 1, __ATOMIC_SEQ_CST))
    for (uint64 hart = 0; hart < NCPU; hart++)
      sbi_call(0x48534d, 0, hart, (uint64)_start, 0); // those that are absent or here refuse
  main();
}

#else

static void delegate(void) { // S-mode gets memory, traps and clocks: M-mode wants none of them
  csr_write(pmpaddr0, ~0UL >> 10);
  csr_write(pmpcfg0, 0x1f); // all of memory: NAPOT, R, W, X
  csr_write(medeleg, 0xffff);
  csr_write(mideleg, 0xffff);
  csr_set(sie, 1UL << EXTERNAL_S | 1UL << TIMER_S | 1UL << SOFTWARE_S);
  csr_write(mcounteren, 7); // cycle, time, instret
}

#ifdef SSTC
static void start_clock(void) { csr_set(0x30a, 1UL << 63); } // menvcfg.STCE; S-mode does the rest
#else
// Before Sstc the timer's interrupts come in M-mode. timervec makes software interrupts for S-mode of them.
void timervec(void);
uint64 timer_scratch[NCPU][5]; // three registers, the address of mtimecmp, the interval

static void start_clock(void) {
  int hart = cpuid();
  volatile uint64 *mtimecmp = (uint64 *)(CLINT_MTIMECMP + 8 * hart);
  *mtimecmp = *(volatile uint64 *)CLINT_MTIME + TICK;
  timer_scratch[hart][3] = (uint64)mtimecmp;
  timer_scratch[hart][4] = TICK;
  csr_write(mscratch, timer_scratch[hart]);
  csr_write(mtvec, timervec);
  csr_set(mie, 1UL << TIMER_M);
}
#endif

void start(void) {
  delegate();
  start_clock();
  csr_write(satp, 0);
  csr_clear(mstatus, MSTATUS_MPP_M);
  csr_set(mstatus, MSTATUS_MPP_S);
  csr_write(mepc, main);
  asm volatile("mret");
}

#endif
