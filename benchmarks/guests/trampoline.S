# The page that user and kernel tables map at one address, the program that makes the calls, and the way in and out of it.

    .equ TRAMPOLINE, 0x3ffffff000
    .equ TRAPFRAME,  0x3fffffe000
    .equ KERNEL_SATP, 0     # of the trapframe: see syscall.c. Register x<n> is at 40 + 8 * n.
    .equ KERNEL_SP,   8
    .equ KERNEL_TRAP, 16
    .equ HARTID,      32

    .text
    .balign 4096
    .globl trampoline
trampoline:                 # stvec: a trap from U-mode, on the user's table
    csrw sscratch, a0
    li a0, TRAPFRAME
    sd ra, 48(a0); sd sp, 56(a0); sd gp, 64(a0); sd tp, 72(a0)
    sd t0, 80(a0); sd t1, 88(a0); sd t2, 96(a0); sd s0, 104(a0)
    sd s1, 112(a0); sd a1, 128(a0); sd a2, 136(a0)
    sd a3, 144(a0); sd a4, 152(a0); sd a5, 160(a0); sd a6, 168(a0)
    sd a7, 176(a0); sd s2, 184(a0); sd s3, 192(a0); sd s4, 200(a0)
    sd s5, 208(a0); sd s6, 216(a0); sd s7, 224(a0); sd s8, 232(a0)
    sd s9, 240(a0); sd s10, 248(a0); sd s11, 256(a0); sd t3, 264(a0)
    sd t4, 272(a0); sd t5, 280(a0); sd t6, 288(a0)
    csrr t0, sscratch
    sd t0, 120(a0)
    ld sp, KERNEL_SP(a0)
    ld tp, HARTID(a0)
    ld t0, KERNEL_TRAP(a0)
    ld t1, KERNEL_SATP(a0)
    sfence.vma
    csrw satp, t1
    sfence.vma
    jalr t0                 # user_trap() comes back here with the user's satp
user_return:
    sfence.vma
    csrw satp, a0
    sfence.vma
    li a0, TRAPFRAME
    ld ra, 48(a0); ld sp, 56(a0); ld gp, 64(a0); ld tp, 72(a0)
    ld t0, 80(a0); ld t1, 88(a0); ld t2, 96(a0); ld s0, 104(a0)
    ld s1, 112(a0); ld a1, 128(a0); ld a2, 136(a0)
    ld a3, 144(a0); ld a4, 152(a0); ld a5, 160(a0); ld a6, 168(a0)
    ld a7, 176(a0); ld s2, 184(a0); ld s3, 192(a0); ld s4, 200(a0)
    ld s5, 208(a0); ld s6, 216(a0); ld s7, 224(a0); ld s8, 232(a0)
    ld s9, 240(a0); ld s10, 248(a0); ld s11, 256(a0); ld t3, 264(a0)
    ld t4, 272(a0); ld t5, 280(a0); ld t6, 288(a0)
    ld a0, 120(a0)
    sret

    .balign 4096
    .globl user_code
user_code:                  # at address 0 in U-mode; a0 = rounds
    mv s0, a0
    li s1, 1
1:  beqz s0, 2f
    li a7, 1                # write(1, 4096, 56)
    li a0, 1
    li a1, 4096
    li a2, 56
    ecall
    add s1, s1, a0
    addi s0, s0, -1
    j 1b
2:  mv a0, s1               # exit(sum)
    li a7, 2
    ecall

    .balign 4096
    .globl call_user
call_user:                  # a0 = the user's satp, a1 = trapframe
    addi sp, sp, -112
    sd ra, 0(sp); sd s0, 8(sp); sd s1, 16(sp); sd s2, 24(sp)
    sd s3, 32(sp); sd s4, 40(sp); sd s5, 48(sp); sd s6, 56(sp)
    sd s7, 64(sp); sd s8, 72(sp); sd s9, 80(sp); sd s10, 88(sp)
    sd s11, 96(sp)
    sd sp, KERNEL_SP(a1)
    sd tp, HARTID(a1)
    la t0, user_return
    la t1, trampoline
    sub t0, t0, t1
    li t1, TRAMPOLINE
    add t0, t0, t1
    jr t0

    .globl leave_user
leave_user:                 # a0 = value, a1 = the sp that call_user noted
    mv sp, a1
    ld ra, 0(sp); ld s0, 8(sp); ld s1, 16(sp); ld s2, 24(sp)
    ld s3, 32(sp); ld s4, 40(sp); ld s5, 48(sp); ld s6, 56(sp)
    ld s7, 64(sp); ld s8, 72(sp); ld s9, 80(sp); ld s10, 88(sp)
    ld s11, 96(sp)
    addi sp, sp, 112
    ret
