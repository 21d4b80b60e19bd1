// The kernel's functions, macros and variables, for C that takes the place of some of them (Kernel.replace_c).
// Made by tools/kernel_header.py from the engine's own tables: not to be edited. It stands before every source.
//
// Calls of functions that a source does not define go to the engine, through the table of functions.
#ifndef HARTLAB_KERNEL_H
#define HARTLAB_KERNEL_H

#include "layout.h"

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned long ulong;
typedef uint64 pde_t;
#ifndef NULL
#define NULL ((void *)0)
#endif

struct run {
    struct run *next;
};

// memlayout.h and param.h. What depends on the kernel is in memory: the size of RAM, policies.
struct seam_facts {
    uint64 end, phystop;
    uint64 fork_is_cow, first_is_uvminit, asid_is_on, stack_pages;
    uint64 timer_interval;
};
#define SEAM_FACTS ((const struct seam_facts *)(SEAM_TEXT + 0x100))
#define PHYSTOP (SEAM_FACTS->phystop)
#define FORK_IS_COW (SEAM_FACTS->fork_is_cow)
#define FIRST_IS_UVMINIT (SEAM_FACTS->first_is_uvminit)
#define ASID_IS_ON (SEAM_FACTS->asid_is_on)
#define USERSTACK (SEAM_FACTS->stack_pages)          // pages
#define TIMER_INTERVAL (SEAM_FACTS->timer_interval)  // in ticks of r_time()
#define KSTACK(p) (TRAMPOLINE - ((p) + 1) * 2 * PGSIZE)

// riscv.h
#define PGROUNDUP(sz) (((sz) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(a) ((a) & ~(PGSIZE - 1))
#define PA2PTE(pa) ((((uint64)(pa)) >> 12) << 10)
#define PTE2PA(pte) (((pte) >> 10) << 12)
#define PTE_FLAGS(pte) ((pte)&0x3FF)
#define PTE_LEAF(pte) (((pte)&PTE_R) | ((pte)&PTE_W) | ((pte)&PTE_X))
#define PXMASK 0x1FF
#define PXSHIFT(level) (PGSHIFT + 9 * (level))
#define PX(level, va) ((((uint64)(va)) >> PXSHIFT(level)) & PXMASK)
#define MAKE_SATP(pagetable) (SATP_SV39 | (((uint64)(pagetable)) >> 12))

// These concern the machine's hart, on whose behalf the kernel works. Its clock stands still while the kernel does.
static inline uint64 r_satp(void) {
    uint64 x;
    __asm__ volatile("csrr %0, satp" : "=r"(x));
    return x;
}
static inline uint64 r_time(void) {
    uint64 x;
    __asm__ volatile("csrr %0, time" : "=r"(x));
    return x;
}
static inline uint64 r_instret(void) {
    uint64 x;
    __asm__ volatile("csrr %0, instret" : "=r"(x));
    return x;
}
static inline void w_satp(uint64 x) { __asm__ volatile("csrw satp, %0" : : "r"(x)); }
static inline void sfence_vma(void) { __asm__ volatile("sfence.vma zero, zero" : : : "memory"); }
static inline void sfence_vma_va(uint64 va) { __asm__ volatile("sfence.vma %0, zero" : : "r"(va) : "memory"); }
static inline void sfence_vma_asid(uint64 asid) { __asm__ volatile("sfence.vma zero, %0" : : "r"(asid) : "memory"); }

// elf.h [System V ABI 4, 5]
#define ELF_MAGIC 0x464C457FU  // "\x7FELF"
#define ELF_PROG_LOAD 1
#define ELF_PROG_FLAG_EXEC 1
#define ELF_PROG_FLAG_WRITE 2
#define ELF_PROG_FLAG_READ 4
struct elfhdr {
    uint magic;
    uchar elf[12];
    ushort type, machine;
    uint version;
    uint64 entry, phoff, shoff;
    uint flags;
    ushort ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct proghdr {
    uint type, flags;
    uint64 off, vaddr, paddr, filesz, memsz, align;
};

// Variables.
extern char end[];         // the first address behind the kernel
extern char etext[];       // the first behind its text
extern char trampoline[];  // the page that every address space has at TRAMPOLINE
extern struct kmem kmem;
extern pagetable_t kernel_pagetable;
extern struct proc *initproc;
extern int nextpid;
extern uint32 ticks;
extern uint64 scheduler_next;
extern struct spinlock pid_lock;
extern struct spinlock wait_lock;
extern struct spinlock tickslock;
extern struct spinlock ftable_lock;
extern struct spinlock itable_lock;
extern struct cpu cpus[8];
extern struct proc proc[64];
extern char initcode[64];
extern struct console_buffer cons;
// The functions of the table (hl.functions()). Whoever defines them, a call of one is not inlined: it can be traced, made to
// fail, and seen in a backtrace.
#define SEAM __attribute__((noinline))
void kinit(void) SEAM;
void freerange(void *start, void *stop) SEAM;
void kfree(void *pa) SEAM;
void *kalloc(void) SEAM;
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) SEAM;
uint64 walkaddr(pagetable_t pagetable, uint64 va) SEAM;
int mappages(pagetable_t pagetable, uint64 va, uint64 size, uint64 pa, uint64 perm) SEAM;
int ismapped(pagetable_t pagetable, uint64 va) SEAM;
void kvminit(void) SEAM;
void kvminithart(void) SEAM;
void kvmmap(pagetable_t pagetable, uint64 va, uint64 pa, uint64 size, uint64 perm) SEAM;
uint64 kvmpa(uint64 va) SEAM;
void proc_mapstacks(pagetable_t pagetable) SEAM;
pagetable_t uvmcreate(void) SEAM;
void uvminit(pagetable_t pagetable, uchar *source, uint64 size) SEAM;
void uvmfirst(pagetable_t pagetable, uchar *source, uint64 size) SEAM;
uint64 uvmalloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz, uint64 xperm) SEAM;
uint64 uvmdealloc(pagetable_t pagetable, uint64 oldsz, uint64 newsz) SEAM;
void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) SEAM;
void uvmclear(pagetable_t pagetable, uint64 va) SEAM;
int uvmcopy(pagetable_t old_pagetable, pagetable_t new_pagetable, uint64 sz) SEAM;
void uvmfree(pagetable_t pagetable, uint64 sz) SEAM;
void freewalk(pagetable_t pagetable) SEAM;
uint64 mygrowproc(uint64 n) SEAM;
int myreduceproc(uint64 start) SEAM;
int myallocuvm(pagetable_t pagetable, uint64 start, uint64 end) SEAM;
void mydeallocuvm(pagetable_t pagetable, uint64 start, uint64 end) SEAM;
uint64 vmfault(pagetable_t pagetable, uint64 va, int read) SEAM;
int cowfault(pagetable_t pagetable, uint64 va) SEAM;
int copyout(pagetable_t pagetable, uint64 dstva, char *source, uint64 len) SEAM;
int copyin(pagetable_t pagetable, char *destination, uint64 srcva, uint64 len) SEAM;
int copyinstr(pagetable_t pagetable, char *destination, uint64 srcva, uint64 max) SEAM;
void procinit(void) SEAM;
void userinit(void) SEAM;
int allocpid(void) SEAM;
struct proc *allocproc(void) SEAM;
void freeproc(struct proc *p) SEAM;
pagetable_t proc_pagetable(struct proc *p) SEAM;
void proc_freepagetable(pagetable_t pagetable, uint64 sz) SEAM;
int growproc(int n) SEAM;
int shrinkproc(int n) SEAM;
int fork(void) SEAM;
void reparent(struct proc *p) SEAM;
void exit(int status) SEAM;
int kill(int pid) SEAM;
void wakeup(void *chan) SEAM;
struct proc *pick_next(void) SEAM;
void procdump(void) SEAM;
uint64 uvmstack(pagetable_t pagetable, uint64 sz, uint64 npages) SEAM;
uint64 pushargv(pagetable_t pagetable, uint64 sp, uint64 stackbase, char **argv) SEAM;
int flags2perm(int flags) SEAM;
int loadseg(pagetable_t pagetable, uint64 va, struct inode *ip, uint64 offset, uint64 size) SEAM;
int exec(char *path, char **argv) SEAM;
// What else there is.
void panic(char *text) __attribute__((noreturn));
int printf(char *format, ...) __attribute__((format(printf, 1, 2)));  // on the console: d i u x p c s, with l
int fail(char *why);                                               // notes why the system call fails; -1
void acquire(struct spinlock *lock);
void release(struct spinlock *lock);
struct proc *myproc(void);
void *memset(void *to, int byte, uint64 n);
void *memmove(void *to, const void *from, uint64 n);
void *memcpy(void *to, const void *from, uint64 n);
int memcmp(const void *a, const void *b, uint64 n);

// Files. 0 where there is no such file, or no room in the table. Directories and the log of xv6 do not exist here.
struct inode *namei(char *path);
int readi(struct inode *ip, int user_dst, uint64 dst, uint off, uint n);  // bytes read; -1 when the user cannot have them
struct inode *idup(struct inode *ip);
void iput(struct inode *ip);
struct file *filealloc(void);
struct file *filedup(struct file *f);
void fileclose(struct file *f);
static inline void begin_op(void) {}
static inline void end_op(void) {}
static inline void ilock(struct inode *ip) { (void)ip; }
static inline void iunlock(struct inode *ip) { (void)ip; }
static inline void iunlockput(struct inode *ip) { iput(ip); }

static inline int cpuid(void) { return 0; }
static inline struct cpu *mycpu(void) { return &cpus[0]; }
static inline int strlen(const char *s) {
    int n = 0;
    while (s[n])
        n++;
    return n;
}
static inline int strncmp(const char *p, const char *q, uint n) {
    while (n > 0 && *p && *p == *q)
        n--, p++, q++;
    return n == 0 ? 0 : (uchar)*p - (uchar)*q;
}
static inline char *safestrcpy(char *to, const char *from, int n) {
    char *s = to;
    while (--n > 0 && (*s = *from++) != 0)
        s++;
    if (n >= 0)
        *s = 0;
    return to;
}

#endif
