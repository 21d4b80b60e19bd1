// Page tables in general, and the kernel's own. [priv 4.4: Sv39]
#include "defs.h"

pagetable_t kernel_pagetable;

extern char etext[], trampoline[]; // kernel.ld

static void kvmmap(uint64 va, uint64 pa, uint64 size, uint64 flags) {
  if (mappages(kernel_pagetable, va, size, pa, flags) < 0)
    panic("kvmmap");
}

void kvminit(void) {
  kernel_pagetable = kalloc();
  memset(kernel_pagetable, 0, PGSIZE);
  kvmmap(TEST, TEST, PGSIZE, PTE_R | PTE_W);
  kvmmap(PLIC, PLIC, 0x400000, PTE_R | PTE_W);
  kvmmap(UART0, UART0, PGSIZE, PTE_R | PTE_W);
  kvmmap(VIRTIO0, VIRTIO0, PGSIZE, PTE_R | PTE_W);
  uint64 text = PGROUNDDOWN((uint64)kvminit & ~0x1fffffUL);
  kvmmap(text, text, (uint64)etext - text, PTE_R | PTE_X);
  kvmmap((uint64)etext, (uint64)etext, PHYSTOP - (uint64)etext, PTE_R | PTE_W);
  kvmmap(TRAMPOLINE, (uint64)trampoline, PGSIZE, PTE_R | PTE_X);
  for (int i = 0; i < NPROC; i++)
    kvmmap(KSTACK(i), (uint64)kalloc(), PGSIZE, PTE_R | PTE_W);
}

void kvminithart(void) {
  fence_vma();
  csr_write(satp, MAKE_SATP(kernel_pagetable));
  fence_vma();
}

// The entry for `va` at the lowest level. Tables on the way are made if `make` says so; 0 when one is missing.
pte_t *walk(pagetable_t table, uint64 va, int make) {
  if (va >= MAXVA)
    panic("walk");
  for (int level = 2; level > 0; level--) {
    pte_t *pte = &table[VPN(level, va)];
    if (!(*pte & PTE_V)) {
      void *below = make ? kalloc() : 0;
      if (!below)
        return 0;
      memset(below, 0, PGSIZE);
      *pte = PA2PTE(below) | PTE_V;
    }
    table = (pagetable_t)PTE2PA(*pte);
  }
  return &table[VPN(0, va)];
}

// Maps whole pages; what was mapped before a failure stays. -1 when there is no memory for a table.
int mappages(pagetable_t table, uint64 va, uint64 size, uint64 pa, uint64 flags) {
  if (va % PGSIZE || size % PGSIZE || size == 0)
    panic("mappages: not whole pages");
  for (uint64 offset = 0; offset < size; offset += PGSIZE) {
    pte_t *pte = walk(table, va + offset, 1);
    if (!pte)
      return -1;
    if (*pte & PTE_V)
      panic("mappages: remap");
    *pte = PA2PTE(pa + offset) | flags | PTE_V;
  }
  return 0;
}

// Where a process's page is in physical memory; 0 when it may not use it, or there is none.
uint64 walkaddr(pagetable_t table, uint64 va) {
  pte_t *pte = va < MAXVA ? walk(table, va, 0) : 0;
  if (!pte || !(*pte & PTE_V) || !(*pte & PTE_U))
    return 0;
  return PTE2PA(*pte);
}
