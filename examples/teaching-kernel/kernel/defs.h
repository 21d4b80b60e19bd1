// What the files of the kernel offer each other.
#pragma once
#include "layout.h"
#include "proc.h"
#include "riscv.h"
#include "spinlock.h"
#include "types.h"

// console.c
void console_init(void);
void console_interrupt(void);
int console_read(uint64 va, int n);
int console_write(uint64 va, int n);

// disk.c
void disk_init(void);
void disk_sector(uint64 sector, void *buffer, int write);
void disk_interrupt(void);

// exec.c
int exec(const char *path, char **argv);

// float.S
void float_save(struct floats *floats);
void float_restore(const struct floats *floats);

// fs.c
void fs_init(void);
int fs_find(const char *name, struct entry *found);
int fs_copy(const struct entry *file, uint32 offset, void *buffer, int n, int write);

// kalloc.c
void kinit(void);
void *kalloc(void);
void kfree(void *page);

// plic.c
void plic_init(void);
void plic_inithart(void);
int plic_claim(void);
void plic_complete(int irq);

// printf.c
void printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void panic(const char *why) __attribute__((noreturn));

// proc.c, sleep.c
void procinit(void);
void userinit(void);
struct proc *allocproc(void);
int fork(void);
int wait(uint64 status_va);
void exit(int status) __attribute__((noreturn));
int kill(int pid);
int killed(struct proc *p);
void procdump(void);
struct cpu *mycpu(void);
struct proc *myproc(void);
void scheduler(void) __attribute__((noreturn));
void sched(void);
void yield(void);
void sleep(void *chan, struct spinlock *lock);
void wakeup(void *chan);

// spinlock.c
void initlock(struct spinlock *lock, const char *name);
void acquire(struct spinlock *lock);
void release(struct spinlock *lock);
int holding(struct spinlock *lock);
void push_off(void);
void pop_off(void);

// string.c
void *memset(void *to, int value, uint64 n);
void *memmove(void *to, const void *from, uint64 n);
void *memcpy(void *to, const void *from, uint64 n);
int strncmp(const char *a, const char *b, uint64 n);
void strlcpy(char *to, const char *from, uint64 size);
uint64 strlen(const char *s);

// swtch.S
void swtch(struct context *save, struct context *go);

// syscall.c
void syscall(void);

// trap.c, timer.c
extern struct spinlock tickslock;
extern uint64 ticks;
void trapinithart(void);
uint64 usertrap(void);
uint64 usertrapret(void);
void timer_init(void);
void timer_interrupt(void);

// uart.c
void uart_init(void);
void uart_putc(int c);
int uart_getc(void);
void uart_listen(int on);

// vm.c, uvm.c
extern pagetable_t kernel_pagetable;
void kvminit(void);
void kvminithart(void);
pte_t *walk(pagetable_t table, uint64 va, int make);
uint64 walkaddr(pagetable_t table, uint64 va);
int mappages(pagetable_t table, uint64 va, uint64 size, uint64 pa, uint64 flags);
pagetable_t uvmcreate(struct trapframe *trapframe);
uint64 uvmalloc(pagetable_t table, uint64 from, uint64 to, uint64 flags);
void uvmunmap(pagetable_t table, uint64 va, uint64 npages, int free);
int uvmcopy(pagetable_t from, pagetable_t to, uint64 size);
void uvmclear(pagetable_t table, uint64 va);
void uvmfree(pagetable_t table, uint64 size);
uint64 vmfault(pagetable_t table, uint64 va);
int copyout(pagetable_t table, uint64 va, const void *from, uint64 n);
int copyin(pagetable_t table, void *to, uint64 va, uint64 n);
int copyinstr(pagetable_t table, char *to, uint64 va, uint64 most);
