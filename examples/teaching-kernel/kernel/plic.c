// The interrupt controller: which devices may interrupt, and which one does. [plic]
#include "defs.h"

#define REGISTER(offset) (*(volatile uint32 *)(PLIC + (offset)))
#define CONTEXT(hart) (2 * (uint64)(hart) + 1) // of S-mode
#define ENABLE(hart) REGISTER(0x2000 + 0x80 * CONTEXT(hart))
#define THRESHOLD(hart) REGISTER(0x200000 + 0x1000 * CONTEXT(hart))
#define CLAIM(hart) REGISTER(0x200004 + 0x1000 * CONTEXT(hart))

void plic_init(void) {
  REGISTER(4 * UART0_IRQ) = 1; // priorities; 0 would be never
  REGISTER(4 * VIRTIO0_IRQ) = 1;
}

void plic_inithart(void) {
  ENABLE(cpuid()) = 1U << UART0_IRQ | 1U << VIRTIO0_IRQ;
  THRESHOLD(cpuid()) = 0;
}

int plic_claim(void) { return (int)CLAIM(cpuid()); }

void plic_complete(int irq) { CLAIM(cpuid()) = (uint32)irq; }
