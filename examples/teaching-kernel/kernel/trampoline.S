// Between user mode and the kernel. This page is at TRAMPOLINE in every address space, so that the next
// instruction is still there when satp changes.
#include "layout.h"

    .section .trampoline, "ax"
    .balign 4
    .globl uservec
uservec:                    // stvec in user mode: every register into the trapframe, then usertrap()
    csrw sscratch, a0
    li a0, TRAPFRAME
    .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n, 40+8*\n(a0)
    .endr
    csrr t0, sscratch
    sd t0, 120(a0)
    ld t1, 0(a0)            // kernel_satp
    ld sp, 8(a0)            // kernel_sp
    ld t0, 16(a0)           // kernel_trap
    ld tp, 24(a0)           // kernel_hartid
    li s0, 0                // backtraces end here
    sfence.vma              // the user's stores are done before its table is left
    csrw satp, t1
    sfence.vma
    jalr t0                 // it returns the user's satp

    .globl userret
userret:                    // a0 = satp to go to user mode with
    sfence.vma
    csrw satp, a0
    sfence.vma
    li a0, TRAPFRAME
    .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\n, 40+8*\n(a0)
    .endr
    ld a0, 120(a0)
    sret
