"""Kernels that wait without wfi: rounds are passed over, and all is as though they had been executed."""

from __future__ import annotations

import struct

import pytest

import hartlab as hl

RAM, TABLE, STACK, ROOT = 0x8000_0000, 0x8001_0000, 0x8001_4000, 0x8002_0000
SAME_SET = 512 << 12  # pages this far apart share a set of the TLB
TICK = 20_000  # of the clock between timer interrupts: two milliseconds

# What xv6's scheduler does before it learnt wfi: interrupts on, and every process looked at under its lock.
SWEEP = f"""
scheduler:
    csrsi sstatus, 2
    li s1, {TABLE}
    li s2, {TABLE + 64 * 16}
each:
    call acquire
    ld t0, 8(s1)
    beqz t0, next
    sd zero, 8(s1)
    addi s5, s5, 1
next:
    call release
    addi s1, s1, 16
    bltu s1, s2, each
    j scheduler
acquire:
    addi sp, sp, -16
    sd ra, 8(sp)
    csrci sstatus, 2
    li t1, 1
spin:
    amoswap.w.aq t2, t1, (s1)
    bnez t2, spin
    ld ra, 8(sp)
    addi sp, sp, 16
    ret
release:
    addi sp, sp, -16
    sd ra, 8(sp)
    amoswap.w.rl zero, zero, (s1)
    csrsi sstatus, 2
    ld ra, 8(sp)
    addi sp, sp, 16
    ret
"""
# Loops that look idle, and some that are. The machine must find out which.
LOOPS = {
    "sweep": SWEEP,
    "spin": "csrsi sstatus, 2; here: j here",
    "a flag": f"csrsi sstatus, 2; li s1, {TABLE}; here: ld t0, 8(s1); beqz t0, here; sd zero, 8(s1); j here",
    "a counter in memory": f"csrsi sstatus, 2; li s1, {TABLE}; "
    "here: ld t0, 0(s1); addi t0, t0, 1; sd t0, 0(s1); j here",
    "a counter in a register": "csrsi sstatus, 2; here: addi s6, s6, 1; j here",
    "the time": "csrsi sstatus, 2; "
    "here: csrr s6, time; csrr s7, instret; and s6, s6, zero; and s7, s7, zero; j here",
    "until a time": "csrsi sstatus, 2; csrr s6, time; li t0, 7000; add s6, s6, t0; "
    "here: csrr t0, time; bltu t0, s6, here; addi s7, s7, 1; csrr s6, time; li t0, 9000; "
    "add s6, s6, t0; j here",
    "the serial port": "csrsi sstatus, 2; li s1, 0x10000000; "
    "here: lb t0, 5(s1); andi t0, t0, 1; beqz t0, here; lb s8, 0(s1); addi s9, s9, 1; j here",
    "the low bits of a counter": "csrsi sstatus, 2; here: addi s6, s6, 1; andi s6, s6, 1023; j here",
    "calls of the firmware": "csrsi sstatus, 2; here: ecall; j here",
    "fences": "csrsi sstatus, 2; here: sfence.vma; ld t0, 0(sp); j here",
    "a store that changes and changes back": f"csrsi sstatus, 2; li s1, {TABLE}; "
    "here: li t0, 77; sd t0, (s1); li t1, 300; wait: addi t1, t1, -1; bnez t1, wait; sd zero, (s1); j here",
}
# Three pages of one set, the text's among them: the least recently used is another at each step.
LOOPS["pages of one set of the TLB"] = f"""
    csrsi sstatus, 2
    li s1, {RAM + SAME_SET}
    li s2, {RAM + 2 * SAME_SET}
here:
    ld t0, 8(s1)
    sd t0, 16(s2)
    ld t1, 24(s1)
    addi s6, s6, 1
    andi s6, s6, 255
    j here
"""
# Its counter is on the stack most of the time: registers come round in each step, the loop after all of them.
LOOPS["a counter that called functions save"] = f"""
    csrsi sstatus, 2
    li s1, {TABLE}
scheduler:
    li s2, 100
each:
    call look
    addi s2, s2, -1
    bnez s2, each
    j scheduler
look:
    addi sp, sp, -16
    sd s2, 8(sp)
    li s2, 50
pause:
    ld t0, 8(s1)
    addi s2, s2, -1
    bnez s2, pause
    ld s2, 8(sp)
    addi sp, sp, 16
    ret
"""
# In front of them: M-mode that hands everything to S-mode, and a handler that makes one process runnable.
START = f"""
    li t0, -1; csrw pmpaddr0, t0; li t0, 31; csrw pmpcfg0, t0
    li t0, 0x20; csrw mideleg, t0; csrw mie, t0
    li t0, -1; csrw mcounteren, t0
    li t0, 1; slli t0, t0, 63; csrs menvcfg, t0
    la t0, firmware; csrw mtvec, t0
    la t0, tick; csrw stvec, t0
    li t0, 0x800; csrs mstatus, t0
    la t0, supervisor; csrw mepc, t0
    li sp, {STACK}
    csrr t0, time; li t1, {TICK}; add t0, t0, t1; csrw stimecmp, t0
    mret
firmware:
    csrr t6, mepc; addi t6, t6, 4; csrw mepc, t6; mret
tick:
    csrw sscratch, t0
    addi sp, sp, -32
    sd t1, 0(sp); sd t2, 8(sp)
    csrr t0, stimecmp; li t1, {TICK}; add t0, t0, t1; csrw stimecmp, t0
    addi s10, s10, 1
    andi t0, s10, 3
    slli t0, t0, 8
    li t1, {TABLE}; add t1, t1, t0; li t2, 1; sd t2, 8(t1)
    ld t1, 0(sp); ld t2, 8(sp)
    addi sp, sp, 32
    csrr t0, sscratch
    sret
supervisor:
"""


def machine_with(loop: str, paged: bool, passing_over: bool) -> hl.Machine:
    machine = hl.Machine(kernel=hl.asm(START + loop, origin=RAM))
    machine._engine.use_idle_loops = passing_over
    if paged:  # gigabytes at their own addresses, for devices and for RAM
        for index in (0, 2):
            machine.memory.write(ROOT + 8 * index, struct.pack("<Q", index << 28 | 0xEF))
        while machine.hart.privilege != "S":
            machine.step()
        machine.hart.csrs["satp"] = 8 << 60 | ROOT >> 12
    return machine


def seen(machine: hl.Machine) -> bytes:
    return machine.snapshot()._saved.encode()


@pytest.mark.parametrize("paged", [False, True])
@pytest.mark.parametrize("loop", LOOPS)
def test_nothing_depends_on_whether_rounds_are_passed_over(loop: str, paged: bool) -> None:
    machines = [machine_with(LOOPS[loop], paged, passing_over) for passing_over in (True, False)]
    for budget in (1_234, 3_000_000, 1, 777_777, 600_001, 3):
        results = [machine.run(budget) for machine in machines]
        assert results[0].instructions == results[1].instructions
        assert results[0].reason == results[1].reason
        assert seen(machines[0]) == seen(machines[1])
    for machine in machines:
        machine.console.send("k")
        machine.run(450_000)
    assert seen(machines[0]) == seen(machines[1])
    assert machines[0].hart.x["s10"] > 10  # timer interrupts came


@pytest.mark.parametrize(
    "loop",
    [
        "sweep",
        "spin",
        "the low bits of a counter",
        "a store that changes and changes back",
        "pages of one set of the TLB",
        "a counter that called functions save",
    ],
)
def test_rounds_are_passed_over(loop: str) -> None:
    machine = machine_with(LOOPS[loop], True, True)
    machine.run(10_000_000)
    before = machine._engine.passed_over
    assert machine.run(200_000_000).instructions == 200_000_000
    assert machine._engine.passed_over - before > 150_000_000
    assert machine.hart.x["s10"] > 900


def test_a_scheduler_that_polls_on_several_harts_is_executed() -> None:
    machine = hl.Machine(kernel=hl.asm(START + SWEEP, origin=RAM), harts=2)
    assert machine.run(1_000_000).instructions == 1_000_000
