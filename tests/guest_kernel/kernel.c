// A kernel that has its tables and runs nothing: processes with page tables, a free list, a pipe, a driver's queue.
// It stays in M-mode, where addresses are physical. Choices: HARTS (free lists), PLAIN (other names), NO_JUNK, SUPER
// (pages of 2 MiB besides).
typedef unsigned long uint64;
typedef uint64 pte_t;
typedef uint64 *pagetable_t;
#define PGSIZE 4096UL
#define SMALL_PAGES_END (0x80000000UL + 0x200000)
#ifdef SUPER
#define PHYSTOP (SMALL_PAGES_END + 0x200000)
#else
#define PHYSTOP SMALL_PAGES_END
#endif
#define MAXVA (1UL << 38)
#define TRAMPOLINE (MAXVA - PGSIZE)
#define TRAPFRAME (TRAMPOLINE - PGSIZE)
#define KSTACK(slot) (TRAMPOLINE - ((slot) + 1) * 2 * PGSIZE)
enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16 };

struct spinlock {
  unsigned locked;
  char *name;
};
struct context {
  uint64 ra, sp, s[12];
};
struct run {
  struct run *next;
};
struct pipe {
  char data[16];
};
struct file {
  enum { FD_NONE, FD_PIPE } type;
  int ref;
  struct pipe *pipe;
};
struct trapframe {
  uint64 satp, epc, x[32];
};
#ifdef PLAIN
#define state status
#define pagetable pgtbl
#define trapframe_of tf
enum procstate { FREE, READY, SLEEPING, RUNNABLE, ACTIVE, DEAD };
#define ZOMBIE DEAD
#define RUNNING ACTIVE
#define PROC process
#define TABLE tasks
#else
#define trapframe_of trapframe
enum procstate { UNUSED, USED, SLEEPING, RUNNABLE, RUNNING, ZOMBIE };
#define PROC proc
#define TABLE proc
#endif
struct PROC {
  struct spinlock lock;
  enum procstate state;
  void *chan;
  int killed, xstate, pid;
  struct PROC *parent;
  uint64 kstack, sz;
  pagetable_t pagetable;
  struct trapframe *trapframe_of;
  struct context context;
  void *shared; // a page of the process that is mapped beyond its size
  char name[16];
  unsigned priority : 3, tickets : 9;
} TABLE[8];
struct cpu {
  struct PROC *proc;
  struct context context;
  int noff, intena;
} cpus[2];
struct {
  struct spinlock lock;
  struct file file[4];
} ftable;
#ifdef HARTS
struct {
  struct run *freelist;
} pools[HARTS];
#define LIST pools[page / PGSIZE % HARTS].freelist
#define ANY (pools[0].freelist ? &pools[0].freelist : &pools[1].freelist)
#else
struct {
  struct spinlock lock;
  struct run *freelist;
} kmem;
#define LIST kmem.freelist
#define ANY (&kmem.freelist)
#endif
#ifdef SUPER
struct {
  struct spinlock lock;
  struct run *freelist;
} superpages;
#endif
struct {
  struct queue *desc;
} disk;
struct PROC *initproc;
volatile unsigned ticks = 42;
pagetable_t kernel_pagetable;
char stack0[PGSIZE] __attribute__((aligned(16)));
extern char end[], etext[];

static void fill(void *page, int byte) {
  for (uint64 i = 0; i < PGSIZE; i++)
    ((volatile char *)page)[i] = byte;
}

void kfree(void *pa) {
#ifndef NO_JUNK
  fill(pa, 1);
#endif
  uint64 page = (uint64)pa;
  struct run *r = pa;
  r->next = LIST;
  LIST = r;
}

void *kalloc(void) {
  struct run **list = ANY, *r = *list;
  *list = r->next;
  fill(r, 0);
  return r;
}

void map(pagetable_t table, uint64 va, uint64 pa, int flags) {
  for (int level = 2; level > 0; level--) {
    pte_t *pte = &table[va >> (12 + 9 * level) & 511];
    if (!(*pte & PTE_V))
      *pte = (uint64)kalloc() >> 12 << 10 | PTE_V;
    table = (pagetable_t)(*pte >> 10 << 12);
  }
  table[va >> 12 & 511] = pa >> 12 << 10 | flags | PTE_V;
}

struct PROC *make(int slot, int pid, char *name, enum procstate state, struct PROC *parent, int pages) {
  struct PROC *p = &TABLE[slot];
  p->pid = pid, p->state = state, p->parent = parent, p->sz = pages * PGSIZE;
  for (int i = 0; name[i]; i++)
    p->name[i] = name[i];
  p->trapframe_of = kalloc();
  p->trapframe_of->epc = 0x100 + pid;
  p->pagetable = kalloc();
  p->tickets = 100 * pid;
  p->context.sp = p->kstack + PGSIZE - 64;
  map(p->pagetable, TRAMPOLINE, (uint64)kfree & ~(PGSIZE - 1), PTE_R | PTE_X);
  map(p->pagetable, TRAPFRAME, (uint64)p->trapframe_of, PTE_R | PTE_W);
  for (int i = 0; i < pages; i++) {
    char *page = kalloc();
    page[0] = 'A' + i;
    map(p->pagetable, i * PGSIZE, (uint64)page, PTE_R | PTE_W | PTE_X | PTE_U);
  }
  return p;
}

__attribute__((noinline)) void done(void) {
  for (;;)
    ticks++;
}

void main(void) {
  for (uint64 page = ((uint64)end + PGSIZE - 1) & ~(PGSIZE - 1); page < SMALL_PAGES_END; page += PGSIZE)
    kfree((void *)page);
  kernel_pagetable = kalloc();
  for (uint64 pa = 0x80000000UL; pa < PHYSTOP; pa += PGSIZE)
    map(kernel_pagetable, pa, pa, PTE_R | PTE_W | PTE_X);
  for (int slot = 0; slot < 8; slot++)
    map(kernel_pagetable, TABLE[slot].kstack = KSTACK(slot), (uint64)kalloc(), PTE_R | PTE_W);
  initproc = make(0, 1, "init", SLEEPING, 0, 2);
  initproc->chan = &ticks;
  struct PROC *sh = make(1, 2, "sh", RUNNING, initproc, 4);
  cpus[0].proc = sh;
  make(3, 5, "gone", ZOMBIE, sh, 1)->xstate = 7;
  sh->shared = kalloc();
  map(sh->pagetable, TRAPFRAME - PGSIZE, (uint64)sh->shared, PTE_R | PTE_U);
  ftable.file[1] = (struct file){FD_PIPE, 2, kalloc()};
  disk.desc = kalloc();
#ifdef SUPER
  for (uint64 page = SMALL_PAGES_END; page < PHYSTOP; page += PGSIZE)
    fill((void *)page, 1);
  superpages.freelist = (struct run *)SMALL_PAGES_END;
  superpages.freelist->next = 0;
#endif
  done();
}

__asm__(".globl _start\n_start: la sp, stack0 + 4096\n call main\n");
