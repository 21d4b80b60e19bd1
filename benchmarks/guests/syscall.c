// A teaching kernel's system call: U-mode asks for something, the trampoline saves every register and changes to the
// kernel's page table, the kernel finds the process and the call, copies an argument in through the process's page table
// by software, and all of it goes back again. Locks, interrupt-disable counts and fences are where such kernels have them.
#include "guest.h"

enum { TRAMPOLINE_PAGE = 0x3ffffff, TRAPFRAME_PAGE = 0x3fffffe, USER_PAGES = 4, ARGUMENT = 56, RING = 512 };
#define TRAPFRAME ((u64)TRAPFRAME_PAGE << 12)

typedef struct {
    u64 kernel_satp, kernel_sp, kernel_trap, epc, hartid;
    u64 registers[32];  // number 0 is not used
} trapframe;

typedef struct { volatile u32 locked; u64 holder; } spinlock;
typedef struct { u64 lock_depth, interrupts_were_on; struct proc *running; } cpu;
typedef struct proc {
    spinlock lock;
    int pid, killed;
    u64 *pagetable;
    trapframe *frame;
    u64 calls;
} proc;

// trampoline.S
extern u8 trampoline[], user_code[];
u64 call_user(u64 satp, trapframe *frame);                     // returns what leave_user() is given
void leave_user(u64 value, u64 sp) __attribute__((noreturn));

static u64 user_tables[8][512] __attribute__((aligned(4096)));
static u8 frame_page[PAGE] __attribute__((aligned(4096)));
static u8 user_data[PAGE] __attribute__((aligned(4096)));
static proc process;
static cpu this_cpu;
static spinlock console_lock;
static u8 console[RING];
static u64 console_at;

// --- interrupts and locks ---
static int interrupts_on(void) {
    u64 sstatus;
    __asm__ volatile("csrr %0, sstatus" : "=r"(sstatus));
    return (sstatus & 2) != 0;
}

static void interrupts(int on) {
    if (on) __asm__ volatile("csrsi sstatus, 2" ::: "memory");
    else __asm__ volatile("csrci sstatus, 2" ::: "memory");
}

__attribute__((noinline)) static void push_off(void) {
    int before = interrupts_on();
    interrupts(0);
    if (this_cpu.lock_depth++ == 0) this_cpu.interrupts_were_on = (u64)before;
}

__attribute__((noinline)) static void pop_off(void) {
    if (--this_cpu.lock_depth == 0 && this_cpu.interrupts_were_on) interrupts(1);
}

__attribute__((noinline)) static void acquire(spinlock *lock) {
    push_off();
    while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)) {}
    lock->holder = (u64)&this_cpu;
}

__attribute__((noinline)) static void release(spinlock *lock) {
    lock->holder = 0;
    __atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
    pop_off();
}

__attribute__((noinline)) static proc *myproc(void) {
    push_off();
    proc *p = this_cpu.running;
    pop_off();
    return p;
}

__attribute__((noinline)) static int killed(proc *p) {
    acquire(&p->lock);
    int k = p->killed;
    release(&p->lock);
    return k;
}

// --- memory of the process, by a walk in software ---
__attribute__((noinline)) static u64 walk_address(u64 *table, u64 va) {
    for (int level = 2;; level--) {
        u64 pte = table[va >> (12 + 9 * level) & 511];
        if (!(pte & PTE_V)) return 0;
        if (level == 0) return (pte & PTE_U) ? pte >> 10 << 12 : 0;
        table = (u64 *)(pte >> 10 << 12);
    }
}

__attribute__((noinline)) static int copy_in(proc *p, u8 *to, u64 va, u64 n) {
    while (n > 0) {
        u64 pa = walk_address(p->pagetable, va & ~(u64)(PAGE - 1));
        if (!pa) return -1;
        u64 offset = va % PAGE, piece = PAGE - offset < n ? PAGE - offset : n;
        for (u64 i = 0; i < piece; i++) to[i] = ((u8 *)pa)[offset + i];
        n -= piece;
        to += piece;
        va += piece;
    }
    return 0;
}

// --- the calls ---
enum { WRITE = 1, EXIT = 2 };

static u64 sys_write(proc *p) {  // a1 = address, a2 = bytes: into the console's ring
    u8 buffer[ARGUMENT];
    u64 va = p->frame->registers[11], n = p->frame->registers[12];
    if (n > ARGUMENT || copy_in(p, buffer, va, n) < 0) return ~0UL;
    acquire(&console_lock);
    for (u64 i = 0; i < n; i++) console[console_at++ % RING] = buffer[i];
    release(&console_lock);
    return n;
}

static u64 sys_exit(proc *p) { leave_user(p->frame->registers[10], p->frame->kernel_sp); }

static u64 (*const calls[])(proc *) = {[WRITE] = sys_write, [EXIT] = sys_exit};

__attribute__((noinline)) static void syscall(proc *p) {
    u64 number = p->frame->registers[17];
    p->calls++;
    p->frame->registers[10] = number <= EXIT && calls[number] ? calls[number](p) : ~0UL;
}

// From the trampoline, on the kernel's table and stack, with interrupts off. Returns the satp to go back with.
static u64 user_trap(void) {
    proc *p = myproc();
    u64 scause, sepc;
    __asm__ volatile("csrr %0, scause" : "=r"(scause));
    __asm__ volatile("csrr %0, sepc" : "=r"(sepc));
    if (scause != 8) leave_user(WRONG, p->frame->kernel_sp);
    p->frame->epc = sepc + 4;
    interrupts(1);
    syscall(p);
    if (killed(p)) leave_user(WRONG, p->frame->kernel_sp);
    interrupts(0);
    __asm__ volatile("csrw sepc, %0" ::"r"(p->frame->epc));
    __asm__ volatile("csrc sstatus, %0" ::"r"(0x100UL));  // SPP = U
    return 8UL << 60 | (u64)p->pagetable >> 12;
}

// --- making the process ---
static u64 tables_used;

static void map(u64 *table, u64 va, const void *pa, u64 flags) {
    for (int level = 2; level > 0; level--) {
        u64 *pte = &table[va >> (12 + 9 * level) & 511];
        if (!*pte) *pte = (u64)user_tables[tables_used++] >> 12 << 10 | PTE_V;
        table = (u64 *)(*pte >> 10 << 12);
    }
    table[va >> 12 & 511] = (u64)pa >> 12 << 10 | flags | PTE_V | PTE_A | PTE_D;
}

void prepare(void) {
    u64 *root = user_tables[tables_used++];
    map(root, (u64)TRAMPOLINE_PAGE << 12, trampoline, PTE_R | PTE_X);
    map(root, TRAPFRAME, frame_page, PTE_R | PTE_W);
    map(root, 0, user_code, PTE_R | PTE_X | PTE_U);
    map(root, PAGE, user_data, PTE_R | PTE_W | PTE_U);
    // The kernel finds the trampoline at the same address as the process does. All of it is one branch of the root.
    u64 *kernel = (u64 *)(get_satp() << 12 & ((1UL << 56) - 1));
    kernel[255] = root[255];
    for (u64 i = 0; i < ARGUMENT; i++) user_data[i] = (u8)(i * 5);
    process.pid = 7;
    process.pagetable = root;
    process.frame = (trapframe *)frame_page;
    this_cpu.running = &process;
}

u64 work(u64 rounds) {
    trapframe *frame = process.frame;
    frame->kernel_satp = get_satp();
    frame->kernel_trap = (u64)user_trap;
    frame->registers[10] = rounds;
    __asm__ volatile("csrw stvec, %0" ::"r"((u64)TRAMPOLINE_PAGE << 12));
    __asm__ volatile("csrw sepc, zero\n csrc sstatus, %0" ::"r"(0x100UL));  // to address 0, in U-mode
    u64 value = call_user(8UL << 60 | (u64)process.pagetable >> 12, frame);
    if (process.calls != rounds + 1 || console_at != rounds * ARGUMENT) return WRONG;
    for (u64 i = 0; rounds && i < ARGUMENT; i++)
        if (console[(console_at - ARGUMENT + i) % RING] != (u8)(i * 5)) return WRONG;
    return value;
}
