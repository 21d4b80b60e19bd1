// A kernel of three modes to be debugged: M-mode starts it, S-mode serves system calls and the timer, and a program runs in
// U-mode. Hart 0 does that; the others count.
typedef unsigned long uint64;

#define KERNEL __attribute__((section(".text")))
#define USER __attribute__((section(".user")))
#define UART ((volatile unsigned char *)0x10000000)
#define POWER ((volatile unsigned int *)0x100000)
enum { WRITE = 1, EXIT = 2 };
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };

struct trapframe {
    uint64 registers[32];
    uint64 epc;
};

struct call {
    int number;
    uint64 argument;
};

volatile uint64 ticks, calls, counted;
uint64 table[512] __attribute__((aligned(4096)));
char stack[8192] __attribute__((aligned(16)));
struct trapframe frame;

__asm__(".section .start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "  csrr t0, mhartid\n"
        "  bnez t0, other\n"
        "  la sp, stack + 8192\n"
        "  li t0, -1\n"
        "  csrw pmpaddr0, t0\n"
        "  li t0, 0x1f\n"
        "  csrw pmpcfg0, t0\n"
        "  li t0, 0xb1ff\n"
        "  csrw medeleg, t0\n"
        "  li t0, 0x222\n"
        "  csrw mideleg, t0\n"
        "  li t0, 1 << 63\n"
        "  csrw menvcfg, t0\n"
        "  li t0, 2\n"
        "  csrw mcounteren, t0\n"
        "  li t0, 1 << 11\n"
        "  csrw mstatus, t0\n"
        "  la t0, start_kernel\n"
        "  csrw mepc, t0\n"
        ".globl leave_machine_mode\n"
        "leave_machine_mode:\n"
        "  mret\n"
        "other:\n"
        "  la t1, counted\n"
        "count:\n"
        "  ld t0, 0(t1)\n"
        "  addi t0, t0, 1\n"
        "  sd t0, 0(t1)\n"
        "  j count\n"
        ".balign 4\n"
        ".globl trap_vector\n"
        "trap_vector:\n"
        "  csrrw sp, sscratch, sp\n"
        "  sd ra, 8(sp)\n  sd gp, 24(sp)\n  sd tp, 32(sp)\n  sd t0, 40(sp)\n  sd t1, 48(sp)\n"
        "  sd t2, 56(sp)\n  sd s0, 64(sp)\n  sd s1, 72(sp)\n  sd a0, 80(sp)\n  sd a1, 88(sp)\n"
        "  sd a2, 96(sp)\n  sd a3, 104(sp)\n  sd a4, 112(sp)\n  sd a5, 120(sp)\n  sd a6, 128(sp)\n"
        "  sd a7, 136(sp)\n  sd t3, 224(sp)\n  sd t4, 232(sp)\n  sd t5, 240(sp)\n  sd t6, 248(sp)\n"
        "  csrr t0, sepc\n  sd t0, 256(sp)\n"
        "  mv a0, sp\n"
        "  la sp, stack + 8192\n"
        "  jal trap\n"
        "  la sp, frame\n"
        "  ld t0, 256(sp)\n  csrw sepc, t0\n"
        "  ld ra, 8(sp)\n  ld gp, 24(sp)\n  ld tp, 32(sp)\n  ld t0, 40(sp)\n  ld t1, 48(sp)\n"
        "  ld t2, 56(sp)\n  ld s0, 64(sp)\n  ld s1, 72(sp)\n  ld a0, 80(sp)\n  ld a1, 88(sp)\n"
        "  ld a2, 96(sp)\n  ld a3, 104(sp)\n  ld a4, 112(sp)\n  ld a5, 120(sp)\n  ld a6, 128(sp)\n"
        "  ld a7, 136(sp)\n  ld t3, 224(sp)\n  ld t4, 232(sp)\n  ld t5, 240(sp)\n  ld t6, 248(sp)\n"
        "  csrrw sp, sscratch, sp\n"
        "leave_trap:\n"
        "  sret\n");

void trap_vector(void);
void user_main(void);

static void next_tick(void) {
    uint64 now;
    __asm__ volatile("csrr %0, time" : "=r"(now));
    __asm__ volatile("csrw 0x14d, %0" : : "r"(now + 50));
}

static inline __attribute__((always_inline)) void put(char c) {
    *UART = c;
}

static void serve(const struct call *call) {
    calls = calls + 1;
    if (call->number == WRITE)
        put((char)call->argument);
    if (call->number == EXIT)
        *POWER = (unsigned)(call->argument << 16 | 0x3333);
}

void trap(struct trapframe *saved) {
    uint64 cause;
    __asm__ volatile("csrr %0, scause" : "=r"(cause));
    if (cause >> 63) {
        ticks = ticks + 1;
        next_tick();
    } else {
        struct call call = {(int)saved->registers[17], saved->registers[10]};
        saved->epc += 4;
        serve(&call);
    }
}

KERNEL void start_kernel(void) {
    // RAM at its own addresses for the kernel, and 1 GiB lower for the program.
    table[2] = 0x80000000UL >> 2 | V | R | W | X | A | D;
    table[0] = 0 | V | R | W | A | D;
    table[1] = 0x80000000UL >> 2 | V | R | W | X | U | A | D;
    __asm__ volatile("csrw satp, %0\n sfence.vma" : : "r"(8UL << 60 | (uint64)table >> 12));
    __asm__ volatile("csrw stvec, %0" : : "r"(trap_vector));
    __asm__ volatile("csrw sscratch, %0" : : "r"(&frame));
    next_tick();
    __asm__ volatile("csrw sie, %0" : : "r"(1 << 5));
    __asm__ volatile("csrw sepc, %0" : : "r"(user_main));
    __asm__ volatile("csrw sstatus, %0\n"
                     "la sp, user_stack + 4096\n"
                     "sret" : : "r"(1 << 5));
}

char user_stack[4096] __attribute__((section(".user_data"), aligned(16)));
int results[8] __attribute__((section(".user_data")));

USER __attribute__((noinline)) static uint64 call(uint64 number, uint64 argument) {
    register uint64 a0 __asm__("a0") = argument;
    register uint64 a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
    return a0;
}

USER __attribute__((noinline)) static int fibonacci(int n) {
    if (n < 2)
        return n;
    int before = fibonacci(n - 1);
    return before + fibonacci(n - 2);
}

USER void user_main(void) {
    for (int i = 0; i < 8; i++) {
        results[i] = fibonacci(i);
        call(WRITE, 'a' + results[i]);
    }
    call(EXIT, 5);
}
