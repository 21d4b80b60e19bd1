// Memory of processes: made, copied, faulted in, given back, and reached from the kernel.
#include "defs.h"

extern char trampoline[];

// A table with nothing but the trampoline and the trapframe; 0 when there is no memory.
pagetable_t uvmcreate(struct trapframe *trapframe) {
  pagetable_t table = kalloc();
  if (!table)
    return 0;
  memset(table, 0, PGSIZE);
  if (mappages(table, TRAMPOLINE, PGSIZE, (uint64)trampoline, PTE_R | PTE_X) < 0 ||
      mappages(table, TRAPFRAME, PGSIZE, (uint64)trapframe, PTE_R | PTE_W) < 0) {
    uvmfree(table, 0);
    return 0;
  }
  return table;
}

static void *zeroed_page(pagetable_t table, uint64 va, uint64 flags) {
  void *page = kalloc();
  if (!page)
    return 0;
  memset(page, 0, PGSIZE);
  if (mappages(table, va, PGSIZE, (uint64)page, flags | PTE_U) < 0) {
    kfree(page);
    return 0;
  }
  return page;
}

// Grows from size `from` to size `to`, with pages of zeros. The new size; 0, and nothing changed, on failure.
uint64 uvmalloc(pagetable_t table, uint64 from, uint64 to, uint64 flags) {
  if (to < from)
    return from;
  for (uint64 va = PGROUNDUP(from); va < to; va += PGSIZE)
    if (!zeroed_page(table, va, flags)) {
      uvmunmap(table, PGROUNDUP(from), (va - PGROUNDUP(from)) / PGSIZE, 1);
      return 0;
    }
  return to;
}

// Takes pages out, and frees them if `free`. Those that were never touched are not there, and that is fine.
void uvmunmap(pagetable_t table, uint64 va, uint64 npages, int free) {
  for (uint64 end = va + npages * PGSIZE; va < end; va += PGSIZE) {
    pte_t *pte = walk(table, va, 0);
    if (!pte || !(*pte & PTE_V))
      continue;
    if (free)
      kfree((void *)PTE2PA(*pte));
    *pte = 0;
  }
}

static void freewalk(pagetable_t table, int level) {
  for (int i = 0; level > 0 && i < 512; i++)
    if (table[i] & PTE_V)
      freewalk((pagetable_t)PTE2PA(table[i]), level - 1);
  kfree(table);
}

void uvmfree(pagetable_t table, uint64 size) {
  uvmunmap(table, TRAMPOLINE, 1, 0);
  uvmunmap(table, TRAPFRAME, 1, 0);
  uvmunmap(table, 0, PGROUNDUP(size) / PGSIZE, 1);
  freewalk(table, 2);
}

// A child's memory: a copy of every page that is there. -1, and nothing is left, on failure.
int uvmcopy(pagetable_t from, pagetable_t to, uint64 size) {
  for (uint64 va = 0; va < size; va += PGSIZE) {
    pte_t *pte = walk(from, va, 0);
    if (!pte || !(*pte & PTE_V))
      continue;
    void *page = kalloc();
    if (page)
      memmove(page, (void *)PTE2PA(*pte), PGSIZE);
    uint64 flags = PTE_FLAGS(*pte) & (PTE_R | PTE_W | PTE_X | PTE_U);
    if (!page || mappages(to, va, PGSIZE, (uint64)page, flags) < 0) {
      if (page)
        kfree(page);
      uvmunmap(to, 0, va / PGSIZE, 1);
      return -1;
    }
  }
  return 0;
}

// Makes a page the kernel's: the hole under a stack.
void uvmclear(pagetable_t table, uint64 va) { *walk(table, va, 0) &= ~PTE_U; }

// A page that sbrk() has promised is touched for the first time. Its physical address; 0 when none was promised.
uint64 vmfault(pagetable_t table, uint64 va) {
  if (va >= myproc()->sz)
    return 0;
  va = PGROUNDDOWN(va);
  pte_t *pte = walk(table, va, 0);
  if (pte && (*pte & PTE_V))
    return 0; // it is there: the access was not allowed
  return (uint64)zeroed_page(table, va, PTE_R | PTE_W);
}

static uint64 page_of(pagetable_t table, uint64 va, int write) {
  uint64 pa = walkaddr(table, va);
  if (!pa)
    return va < MAXVA ? vmfault(table, va) : 0;
  return write && !(*walk(table, va, 0) & PTE_W) ? 0 : pa;
}

// The piece of [va, va + n) that lies within one page.
static uint64 piece(uint64 va, uint64 n) {
  uint64 room = PGSIZE - va % PGSIZE;
  return n < room ? n : room;
}

int copyout(pagetable_t table, uint64 va, const void *from, uint64 n) {
  for (uint64 part; n > 0; va += part, from = (const char *)from + part, n -= part) {
    uint64 pa = page_of(table, va, 1);
    if (!pa)
      return -1;
    part = piece(va, n);
    memmove((char *)pa + va % PGSIZE, from, part);
  }
  return 0;
}

int copyin(pagetable_t table, void *to, uint64 va, uint64 n) {
  for (uint64 part; n > 0; va += part, to = (char *)to + part, n -= part) {
    uint64 pa = page_of(table, va, 0);
    if (!pa)
      return -1;
    part = piece(va, n);
    memmove(to, (char *)pa + va % PGSIZE, part);
  }
  return 0;
}

// Text up to its 0, which is within `most` bytes; -1 otherwise.
int copyinstr(pagetable_t table, char *to, uint64 va, uint64 most) {
  for (uint64 i = 0; i < most; i++)
    if (copyin(table, to + i, va + i, 1) < 0)
      return -1;
    else if (to[i] == 0)
      return 0;
  return -1;
}
