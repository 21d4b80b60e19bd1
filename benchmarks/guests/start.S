# Start and end of every guest. M-mode opens memory and counters to S-mode, turns Sv39 on and drops into it; S-mode
# prepares and works; the end is an ecall to M-mode, which reports on the serial port of QEMU's `virt` board and powers
# it off. Where those devices are absent, the store to the port traps to `halt`: the results are in RAM by then.

    .section .start, "ax"
    .globl _start
_start:
    j reset

# What goes in and comes out, at fixed addresses: the runner writes `rounds` into the image.
    .balign 8
rounds:  .dword 1       # 0x80000008
result:  .dword 0       # 0x80000010  what work() returned
retired: .dword 0       # 0x80000018  instructions that it took
         .dword finished # 0x80000020  where both are known

reset:
    la sp, stack_top
    li t0, 3 << 13      # mstatus.FS: floating point on
    csrs mstatus, t0
    la t0, 1f           # a hart without PMP may trap here
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f         # all memory: NAPOT, R, W, X
    csrw pmpcfg0, t0
    .balign 4
1:  la t0, machine_trap
    csrw mtvec, t0
    li t0, 1 << 8       # ecall from U-mode is S-mode's
    csrw medeleg, t0
    li t0, 7            # cycle, time, instret
    csrw mcounteren, t0
    csrw scounteren, t0
    la a0, ram_tables
    call map_ram
    csrw satp, a0
    sfence.vma
    li t0, 3 << 11      # mstatus.MPP = S
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, supervisor
    csrw mepc, t0
    mret

supervisor:
    call prepare
    ld a0, rounds
    rdinstret s0
    call work
    rdinstret s1
    sub s1, s1, s0
    la t0, result
    sd a0, 0(t0)
    sd s1, 8(t0)
finished:               # a simulator without traps of its own stops here
    li a7, 1
    ecall

# An ecall with a7 = 0 returns at once, which is what ecall.c measures. Everything else is the end.
    .balign 4
machine_trap:
    csrw mscratch, t0
    csrr t0, mcause
    addi t0, t0, -9     # ecall from S-mode
    bnez t0, failed
    bnez a7, report
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    csrr t0, mscratch
    mret

failed:                 # a trap that no guest expects
    la t0, result
    sd zero, 0(t0)
report:
    la t0, halt
    csrw mtvec, t0
    ld a0, result
    call print_number
    ld a0, retired
    call print_number
    li t0, 0x100000     # QEMU's test device: power off
    li t1, 0x5555
    sw t1, 0(t0)
    .balign 4
halt:
    wfi                 # with no interrupt enabled, for ever
    j halt

print_number:           # 16 hexadecimal digits and a line feed
    li t0, 0x10000000
    li t1, 60
1:  srl t2, a0, t1
    andi t2, t2, 15
    addi t3, t2, 48
    li t4, 10
    blt t2, t4, 2f
    addi t3, t2, 87
2:  sb t3, 0(t0)
    addi t1, t1, -4
    bgez t1, 1b
    li t3, 10
    sb t3, 0(t0)
    ret

    .bss
    .balign 4096
ram_tables:
    .space 8 * 512 * 66
    .space 65536
stack_top:
