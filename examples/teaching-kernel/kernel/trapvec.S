// Traps that are taken in the kernel: in S-mode, and the clock's in M-mode.

    .text
    .balign 4
    .globl kernelvec
kernelvec:                  // on the stack that is in use: what a C function may change, then kerneltrap()
    addi sp, sp, -256
    .irp n, 1,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
    sd x\n, 8*\n(sp)
    .endr
    call kerneltrap
    .irp n, 1,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
    ld x\n, 8*\n(sp)
    .endr
    addi sp, sp, 256
    sret

#if !defined(SSTC) && !defined(SBI)
    .balign 4
    .globl timervec
timervec:                   // mscratch = the hart's timer_scratch
    csrrw a0, mscratch, a0
    sd a1, 0(a0)
    sd a2, 8(a0)
    sd a3, 16(a0)
    ld a1, 24(a0)           // mtimecmp += interval
    ld a2, 32(a0)
    ld a3, 0(a1)
    add a3, a3, a2
    sd a3, 0(a1)
    li a1, 1 << 1           // a software interrupt for S-mode
    csrs mip, a1
    ld a3, 16(a0)
    ld a2, 8(a0)
    ld a1, 0(a0)
    csrrw a0, mscratch, a0
    mret
#endif
