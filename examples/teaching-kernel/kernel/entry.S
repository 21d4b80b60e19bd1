// Where each hart begins, with a stack of its own: in M-mode at the board's reset, or in S-mode behind firmware.
#include "layout.h"

    .section .entry, "ax"
    .globl _start
_start:
#ifdef SBI
    mv tp, a0               // firmware starts one hart, and says which
    .globl sbi
    .set sbi, 1
#else
    csrr tp, mhartid
#endif
    li t0, NCPU
    bgeu tp, t0, park
    la sp, boot_stacks      // the top of page number tp
    addi t0, tp, 1
    slli t0, t0, 12
    add sp, sp, t0
    li s0, 0                // backtraces end here
    call start
park:
    wfi
    j park

#ifdef SBI
    .globl sbi_call         // a0 = extension, a1 = function, a2 to a4 = arguments
sbi_call:
    mv a7, a0
    mv a6, a1
    mv a0, a2
    mv a1, a3
    mv a2, a4
    ecall
    ret
#endif

    .bss
    .balign PGSIZE
boot_stacks:
    .space NCPU * PGSIZE
