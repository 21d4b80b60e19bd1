// swtch(save, go): leave one flow of control in the kernel and go on with another.
    .text
    .globl swtch
    .type swtch, @function
swtch:
    sd ra, 0(a0)
    sd sp, 8(a0)
    sd s0, 16(a0)
    sd s1, 24(a0)
    .irp n, 2,3,4,5,6,7,8,9,10,11
    sd s\n, 16+8*\n(a0)
    .endr
    ld ra, 0(a1)
    ld sp, 8(a1)
    ld s0, 16(a1)
    ld s1, 24(a1)
    .irp n, 2,3,4,5,6,7,8,9,10,11
    ld s\n, 16+8*\n(a1)
    .endr
    ret
    .size swtch, . - swtch
