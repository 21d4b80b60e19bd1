// The kernel's data as it lies in the simulated machine's RAM. Made by tools/kernel_header.py from the
// engine's own layout: not to be edited. For RV64 (lp64d).
#ifndef HARTLAB_KERNEL_LAYOUT_H
#define HARTLAB_KERNEL_LAYOUT_H

#include <stddef.h>

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned int uint;
typedef unsigned long uint64;
typedef uint64 pte_t;
typedef uint64 *pagetable_t;

enum procstate { UNUSED, USED, SLEEPING, RUNNABLE, RUNNING, ZOMBIE };
enum filetype { FD_NONE, FD_PIPE, FD_INODE, FD_DEVICE };

#define CLINT 0x2000000UL
#define CLINT_SIZE 0x10000UL
#define ETEXT 0x80008000UL
#define FORKRET 0x80000300UL
#define KERNBASE 0x80000000UL
#define KERNEL_DATA 0x80008000UL
#define MAXARG 32
#define MAXPATH 128
#define MAXVA 0x4000000000UL
#define NCPU 8
#define NFILE 100
#define NINODE 50
#define NOFILE 16
#define NPROC 64
#define NVMA 10
#define PGSHIFT 12
#define PGSIZE 0x1000UL
#define PIPESIZE 512
#define PLIC 0xc000000UL
#define PLIC_SIZE 0x400000UL
#define PTE_A 64
#define PTE_COW 256
#define PTE_D 128
#define PTE_G 32
#define PTE_R 2
#define PTE_U 16
#define PTE_V 1
#define PTE_W 4
#define PTE_X 8
#define REFERENCE_COUNTS 0x80015b80UL
#define SATP_SV39 0x8000000000000000UL
#define SEAM_DATA 0x10110000UL
#define SEAM_DATA_SIZE 0x10000UL
#define SEAM_STACK 0x10100000UL
#define SEAM_STACK_SIZE 0x10000UL
#define SEAM_TEXT 0x10120000UL
#define SEAM_TEXT_SIZE 0x20000UL
#define TRAMPOLINE 0x3ffffff000UL
#define TRAMPOLINE_PAGE 0x80007000UL
#define TRAPFRAME 0x3fffffe000UL
#define UART0 0x10000000UL
#define VIRTIO0 0x10001000UL

struct spinlock {
    uint32 locked;
    uint32 pad;
    char *name;
    struct cpu *cpu;
    uint64 acquired;  // how often it has been taken
};

struct context {
    uint64 ra;
    uint64 sp;
    uint64 s[12];
};

struct cpu {
    struct proc *proc;  // 0 while the scheduler runs
    struct context context;
    int noff;
    int intena;
};

struct vma {
    uint64 start;
    uint64 length;
    struct vma *next;
    uint32 perm;  // bits of a PTE
    uint32 used;  // 1 for an area in the list
};

struct proc {
    struct spinlock lock;
    int state;
    int killed;
    void *chan;  // what it sleeps on
    int xstate;
    int pid;
    struct proc *parent;
    uint64 kstack;
    uint64 sz;
    pagetable_t pagetable;
    struct trapframe *trapframe;
    struct context context;
    struct file *ofile[16];
    struct inode *cwd;
    char name[16];
    struct vma vm[10];
    int restart;  // the number of the system call to go on with, 0 for none
    int asid;
    uint64 deadline;  // of sleep: the tick to wake at
    uint64 done;  // bytes that read or write have moved so far
    uint64 born;  // value of the instruction counter when it was made: tells two users of a slot apart
};

struct trapframe {
    uint64 kernel_satp;
    uint64 kernel_sp;
    uint64 kernel_trap;
    uint64 epc;
    uint64 kernel_hartid;
    uint64 ra;
    uint64 sp;
    uint64 gp;
    uint64 tp;
    uint64 t0;
    uint64 t1;
    uint64 t2;
    uint64 s0;
    uint64 s1;
    uint64 a0;
    uint64 a1;
    uint64 a2;
    uint64 a3;
    uint64 a4;
    uint64 a5;
    uint64 a6;
    uint64 a7;
    uint64 s2;
    uint64 s3;
    uint64 s4;
    uint64 s5;
    uint64 s6;
    uint64 s7;
    uint64 s8;
    uint64 s9;
    uint64 s10;
    uint64 s11;
    uint64 t3;
    uint64 t4;
    uint64 t5;
    uint64 t6;
};

struct file {
    int type;
    int ref;
    uint8 readable;
    uint8 writable;
    uint16 major;
    uint32 off;
    struct pipe *pipe;
    struct inode *ip;
};

struct inode {
    uint32 dev;
    uint32 inum;
    int ref;
    short type;
    short major;
    uint64 size;
};

struct pipe {
    struct spinlock lock;
    char data[512];
    uint32 nread;
    uint32 nwrite;
    int readopen;
    int writeopen;
};

struct console_buffer {
    struct spinlock lock;
    char buf[128];
    uint32 r;  // read, write and edit index
    uint32 w;  // read, write and edit index
    uint32 e;  // read, write and edit index
    uint32 pad;
};

struct panic_record {
    int panicked;
    int pid;
    uint64 address;
    char text[128];
    char function[32];
};

struct kmem {
    struct spinlock lock;
    struct run *freelist;  // the first free page; each holds the address of the next
    uint64 free_pages;  // Departs: kept for students who ask; audit() holds it against the list
};

struct kernel_data {
    struct kmem kmem;
    pagetable_t kernel_pagetable;
    struct proc *initproc;
    int nextpid;
    uint32 ticks;
    uint64 scheduler_next;  // index in proc[] at which the round robin goes on
    uint64 next_tick;  // time of the next timer interrupt
    struct spinlock pid_lock;
    struct spinlock wait_lock;
    struct spinlock tickslock;
    struct spinlock ftable_lock;
    struct spinlock itable_lock;
    struct cpu cpus[8];
    struct proc proc[64];
    struct file file[100];
    struct inode inode[50];
    struct console_buffer cons;
    struct panic_record panic;
    char initcode[64];  // the first process's program, 52 bytes
    char init_path[16];
    char bio[4096];  // the buffer through which file contents pass on their way to a user
    char path[128];  // exec's and open's copy of a path
    uint64 argv[32];  // exec's arguments, each a page from kalloc
};

_Static_assert(offsetof(struct spinlock, locked) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct spinlock, pad) == 0x4, "as the engine has it");
_Static_assert(offsetof(struct spinlock, name) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct spinlock, cpu) == 0x10, "as the engine has it");
_Static_assert(offsetof(struct spinlock, acquired) == 0x18, "as the engine has it");
_Static_assert(sizeof(struct spinlock) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct context, ra) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct context, sp) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct context, s) == 0x10, "as the engine has it");
_Static_assert(sizeof(struct context) == 0x70, "as the engine has it");
_Static_assert(offsetof(struct cpu, proc) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct cpu, context) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct cpu, noff) == 0x78, "as the engine has it");
_Static_assert(offsetof(struct cpu, intena) == 0x7c, "as the engine has it");
_Static_assert(sizeof(struct cpu) == 0x80, "as the engine has it");
_Static_assert(offsetof(struct vma, start) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct vma, length) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct vma, next) == 0x10, "as the engine has it");
_Static_assert(offsetof(struct vma, perm) == 0x18, "as the engine has it");
_Static_assert(offsetof(struct vma, used) == 0x1c, "as the engine has it");
_Static_assert(sizeof(struct vma) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct proc, lock) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct proc, state) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct proc, killed) == 0x24, "as the engine has it");
_Static_assert(offsetof(struct proc, chan) == 0x28, "as the engine has it");
_Static_assert(offsetof(struct proc, xstate) == 0x30, "as the engine has it");
_Static_assert(offsetof(struct proc, pid) == 0x34, "as the engine has it");
_Static_assert(offsetof(struct proc, parent) == 0x38, "as the engine has it");
_Static_assert(offsetof(struct proc, kstack) == 0x40, "as the engine has it");
_Static_assert(offsetof(struct proc, sz) == 0x48, "as the engine has it");
_Static_assert(offsetof(struct proc, pagetable) == 0x50, "as the engine has it");
_Static_assert(offsetof(struct proc, trapframe) == 0x58, "as the engine has it");
_Static_assert(offsetof(struct proc, context) == 0x60, "as the engine has it");
_Static_assert(offsetof(struct proc, ofile) == 0xd0, "as the engine has it");
_Static_assert(offsetof(struct proc, cwd) == 0x150, "as the engine has it");
_Static_assert(offsetof(struct proc, name) == 0x158, "as the engine has it");
_Static_assert(offsetof(struct proc, vm) == 0x168, "as the engine has it");
_Static_assert(offsetof(struct proc, restart) == 0x2a8, "as the engine has it");
_Static_assert(offsetof(struct proc, asid) == 0x2ac, "as the engine has it");
_Static_assert(offsetof(struct proc, deadline) == 0x2b0, "as the engine has it");
_Static_assert(offsetof(struct proc, done) == 0x2b8, "as the engine has it");
_Static_assert(offsetof(struct proc, born) == 0x2c0, "as the engine has it");
_Static_assert(sizeof(struct proc) == 0x2c8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, kernel_satp) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, kernel_sp) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, kernel_trap) == 0x10, "as the engine has it");
_Static_assert(offsetof(struct trapframe, epc) == 0x18, "as the engine has it");
_Static_assert(offsetof(struct trapframe, kernel_hartid) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct trapframe, ra) == 0x28, "as the engine has it");
_Static_assert(offsetof(struct trapframe, sp) == 0x30, "as the engine has it");
_Static_assert(offsetof(struct trapframe, gp) == 0x38, "as the engine has it");
_Static_assert(offsetof(struct trapframe, tp) == 0x40, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t0) == 0x48, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t1) == 0x50, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t2) == 0x58, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s0) == 0x60, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s1) == 0x68, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a0) == 0x70, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a1) == 0x78, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a2) == 0x80, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a3) == 0x88, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a4) == 0x90, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a5) == 0x98, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a6) == 0xa0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, a7) == 0xa8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s2) == 0xb0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s3) == 0xb8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s4) == 0xc0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s5) == 0xc8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s6) == 0xd0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s7) == 0xd8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s8) == 0xe0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s9) == 0xe8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s10) == 0xf0, "as the engine has it");
_Static_assert(offsetof(struct trapframe, s11) == 0xf8, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t3) == 0x100, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t4) == 0x108, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t5) == 0x110, "as the engine has it");
_Static_assert(offsetof(struct trapframe, t6) == 0x118, "as the engine has it");
_Static_assert(sizeof(struct trapframe) == 0x120, "as the engine has it");
_Static_assert(offsetof(struct file, type) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct file, ref) == 0x4, "as the engine has it");
_Static_assert(offsetof(struct file, readable) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct file, writable) == 0x9, "as the engine has it");
_Static_assert(offsetof(struct file, major) == 0xa, "as the engine has it");
_Static_assert(offsetof(struct file, off) == 0xc, "as the engine has it");
_Static_assert(offsetof(struct file, pipe) == 0x10, "as the engine has it");
_Static_assert(offsetof(struct file, ip) == 0x18, "as the engine has it");
_Static_assert(sizeof(struct file) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct inode, dev) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct inode, inum) == 0x4, "as the engine has it");
_Static_assert(offsetof(struct inode, ref) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct inode, type) == 0xc, "as the engine has it");
_Static_assert(offsetof(struct inode, major) == 0xe, "as the engine has it");
_Static_assert(offsetof(struct inode, size) == 0x10, "as the engine has it");
_Static_assert(sizeof(struct inode) == 0x18, "as the engine has it");
_Static_assert(offsetof(struct pipe, lock) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct pipe, data) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct pipe, nread) == 0x220, "as the engine has it");
_Static_assert(offsetof(struct pipe, nwrite) == 0x224, "as the engine has it");
_Static_assert(offsetof(struct pipe, readopen) == 0x228, "as the engine has it");
_Static_assert(offsetof(struct pipe, writeopen) == 0x22c, "as the engine has it");
_Static_assert(sizeof(struct pipe) == 0x230, "as the engine has it");
_Static_assert(offsetof(struct console_buffer, lock) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct console_buffer, buf) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct console_buffer, r) == 0xa0, "as the engine has it");
_Static_assert(offsetof(struct console_buffer, w) == 0xa4, "as the engine has it");
_Static_assert(offsetof(struct console_buffer, e) == 0xa8, "as the engine has it");
_Static_assert(offsetof(struct console_buffer, pad) == 0xac, "as the engine has it");
_Static_assert(sizeof(struct console_buffer) == 0xb0, "as the engine has it");
_Static_assert(offsetof(struct panic_record, panicked) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct panic_record, pid) == 0x4, "as the engine has it");
_Static_assert(offsetof(struct panic_record, address) == 0x8, "as the engine has it");
_Static_assert(offsetof(struct panic_record, text) == 0x10, "as the engine has it");
_Static_assert(offsetof(struct panic_record, function) == 0x90, "as the engine has it");
_Static_assert(sizeof(struct panic_record) == 0xb0, "as the engine has it");
_Static_assert(offsetof(struct kmem, lock) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct kmem, freelist) == 0x20, "as the engine has it");
_Static_assert(offsetof(struct kmem, free_pages) == 0x28, "as the engine has it");
_Static_assert(sizeof(struct kmem) == 0x30, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, kmem) == 0x0, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, kernel_pagetable) == 0x30, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, initproc) == 0x38, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, nextpid) == 0x40, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, ticks) == 0x44, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, scheduler_next) == 0x48, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, next_tick) == 0x50, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, pid_lock) == 0x58, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, wait_lock) == 0x78, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, tickslock) == 0x98, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, ftable_lock) == 0xb8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, itable_lock) == 0xd8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, cpus) == 0xf8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, proc) == 0x4f8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, file) == 0xb6f8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, inode) == 0xc378, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, cons) == 0xc828, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, panic) == 0xc8d8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, initcode) == 0xc988, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, init_path) == 0xc9c8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, bio) == 0xc9d8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, path) == 0xd9d8, "as the engine has it");
_Static_assert(offsetof(struct kernel_data, argv) == 0xda58, "as the engine has it");
_Static_assert(sizeof(struct kernel_data) == 0xdb58, "as the engine has it");

#define kernel_data (*(struct kernel_data *)KERNEL_DATA)
#define reference_counts ((int *)REFERENCE_COUNTS)

#endif
