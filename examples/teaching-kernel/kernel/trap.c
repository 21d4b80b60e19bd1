// Traps, once the assembly has saved the registers: from user mode, and from the kernel itself.
#include "defs.h"

extern char trampoline[], uservec[];
void kernelvec(void);

void trapinithart(void) {
  csr_write(stvec, kernelvec);
  csr_set(sstatus, SSTATUS_FS);
#ifdef SBI
  csr_set(sie, 1UL << EXTERNAL_S | 1UL << TIMER_S | 1UL << SOFTWARE_S);
#endif
}

enum { NOT_A_DEVICE, A_DEVICE, THE_CLOCK };

static int device_interrupt(uint64 scause) {
  if (scause == (INTERRUPT | TIMER_S) || scause == (INTERRUPT | SOFTWARE_S)) {
    timer_interrupt();
    return THE_CLOCK;
  }
  if (scause != (INTERRUPT | EXTERNAL_S))
    return NOT_A_DEVICE;
  int irq = plic_claim();
  if (irq == UART0_IRQ)
    console_interrupt();
  else if (irq == VIRTIO0_IRQ)
    disk_interrupt();
  if (irq) // 0: another hart was quicker
    plic_complete(irq);
  return A_DEVICE;
}

static int page_fault(struct proc *p, uint64 scause, uint64 va) {
  if (scause != LOAD_PAGE_FAULT && scause != STORE_PAGE_FAULT)
    return 0;
  return vmfault(p->pagetable, va) != 0;
}

// From the trampoline, which goes back to user mode with the satp that this returns.
uint64 usertrap(void) {
  csr_write(stvec, kernelvec);
  struct proc *p = myproc();
  uint64 scause = csr_read(scause), stval = csr_read(stval);
  int what = NOT_A_DEVICE;
  p->trapframe->epc = csr_read(sepc);
  if (scause == ECALL_U) {
    p->trapframe->epc += 4; // behind the ecall
    interrupts_on();
    syscall();
  } else if ((what = device_interrupt(scause)) == NOT_A_DEVICE && !page_fault(p, scause, stval)) {
    printf("%d %s: killed by trap %lx at %lx, address %lx\n", p->pid, p->name, scause, p->trapframe->epc, stval);
    p->killed = 1;
  }
  if (killed(p))
    exit(-1);
  if (what == THE_CLOCK)
    yield();
  return usertrapret();
}

// Makes this hart ready to leave for user mode; returns the satp for it.
uint64 usertrapret(void) {
  struct proc *p = myproc();
  interrupts_off(); // from here on traps go where user mode's do
  csr_write(stvec, TRAMPOLINE + (uint64)(uservec - trampoline));
  p->trapframe->kernel_satp = csr_read(satp);
  p->trapframe->kernel_sp = p->kstack + PGSIZE;
  p->trapframe->kernel_trap = (uint64)usertrap;
  p->trapframe->kernel_hartid = (uint64)cpuid();
  csr_clear(sstatus, SSTATUS_SPP);
  csr_set(sstatus, SSTATUS_SPIE);
  csr_write(sepc, p->trapframe->epc);
  return MAKE_SATP(p->pagetable);
}

// From kernelvec.
void kerneltrap(void) {
  uint64 sepc = csr_read(sepc), sstatus = csr_read(sstatus), scause = csr_read(scause);
  int what = device_interrupt(scause);
  if (what == NOT_A_DEVICE) {
    printf("trap %lx at %lx, address %lx\n", scause, sepc, csr_read(stval));
    panic("kerneltrap");
  }
  if (what == THE_CLOCK && myproc() && myproc()->state == RUNNING)
    yield();
  csr_write(sepc, sepc); // others have run meanwhile
  csr_write(sstatus, sstatus);
}
