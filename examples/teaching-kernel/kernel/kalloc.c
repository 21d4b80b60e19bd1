// Pages of physical memory: a list of the free ones, threaded through them.
#include "defs.h"

extern char end[]; // behind the kernel's image: see kernel.ld

struct run {
  struct run *next;
};

struct {
  struct spinlock lock;
  struct run *freelist;
} kmem;

enum { JUNK_FREE = 0x01, JUNK_NEW = 0x05 }; // whoever uses a page too early or too late shall notice

void kinit(void) {
  initlock(&kmem.lock, "kmem");
  for (char *page = (char *)PGROUNDUP((uint64)end); page + PGSIZE <= (char *)PHYSTOP; page += PGSIZE)
    kfree(page);
}

void kfree(void *page) {
  if ((uint64)page % PGSIZE || (char *)page < end || (uint64)page >= PHYSTOP)
    panic("kfree");
  memset(page, JUNK_FREE, PGSIZE);
  struct run *r = page;
  acquire(&kmem.lock);
  r->next = kmem.freelist;
  kmem.freelist = r;
  release(&kmem.lock);
}

// A page full of junk; 0 when there is none.
void *kalloc(void) {
  acquire(&kmem.lock);
  struct run *r = kmem.freelist;
  if (r)
    kmem.freelist = r->next;
  release(&kmem.lock);
  if (r)
    memset(r, JUNK_NEW, PGSIZE);
  return r;
}
