"""Loops that wait for memory to change, done at once: what a handler or another hart sets is seen in time."""

from __future__ import annotations

import pytest

import hartlab as hl

RAM, FLAG = 0x8000_0000, 0x8001_0000
CLINT, MTIMECMP, MTIME = 0x0200_0000, 0x0200_4000, 0x0200_BFF8
PERIOD = 700  # ticks between interrupts

# Each waits for the flag, behind which s5 is counted up and the flag is cleared.
WAITS = {
    "a word": "look: lw a5, 0(s0); beqz a5, look",
    "as a compiler has it": "look: lw a5, 0(s0); sext.w a5, a5; beqz a5, look",
    "by its address": f"look: li a5, {FLAG >> 16}; slli a5, a5, 16; lbu a5, 0(a5); beqz a5, look",
    "two words": "look: ld a4, 0(s0); lhu a5, 8(s0); or a5, a5, a4; beqz a5, look",
    "with a pause": "look: fence; lw a5, 0(s0); fence; beqz a5, look",
    "the other way round": "li a6, 1; look: lw a5, 0(s0); bltu a5, a6, look",
    "jumping back": "j look; back: j look; look: lw a5, 0(s0); beqz a5, back",
    "over the edge of a page": "li s6, 0x80011ffd; look: lw a5, 0(s6); lw a5, 0(s0); beqz a5, look",
    # and some that are not as they look
    "with a counter": "look: addi s6, s6, 1; lw a5, 0(s0); beqz a5, look",
    "with a sum of what it saw": "look: lw a5, 0(s0); add s6, s6, a5; xori s6, s6, 1; beqz a5, look",
    "what the turn before computed": "look: mv s7, a6; lw a6, 0(s0); addi a6, a6, 3; addi a7, a6, -3; "
    "beqz a7, look",
    "down a list": f"li s6, {FLAG + 64}; look: ld s6, 0(s6); lw a5, 0(s0); beqz a5, look",
    "with a store": "look: lw a5, 0(s0); sw a5, 32(s0); beqz a5, look",
    "the clock": f"li s6, {MTIME}; look: ld s7, 0(s6); lw a5, 0(s0); beqz a5, look",
    "the time": "look: rdtime s7; lw a5, 0(s0); beqz a5, look",
    "instructions": "look: rdinstret s7; lw a5, 0(s0); beqz a5, look",
}
SETTER = f"""
    la t0, tick; csrw mtvec, t0
    li t1, {MTIMECMP}; li t0, {PERIOD}; sd t0, (t1)
    li t0, 0x80; csrw mie, t0; csrsi mstatus, 8
"""
HANDLER = f"""
tick:
    li t1, {MTIMECMP}; ld t0, (t1); addi t0, t0, {PERIOD}; sd t0, (t1)
    li t0, 1; sw t0, 0(s0)
    mret
"""
PREPARE = (
    f"li s0, {FLAG}; addi t0, s0, 64; addi t1, s0, 80; addi t2, s0, 96; "
    "sd t1, (t0); sd t2, (t1); sd t0, (t2)"  # a list that goes round
)


def waiting_for_interrupts(wait: str, at_once: bool, **options: object) -> hl.Machine:
    code = f"{PREPARE}; {SETTER}; again: {wait}; addi s5, s5, 1; sw zero, 0(s0); j again; {HANDLER}"
    return made(code, at_once, **options)


def made(code: str, at_once: bool, **options: object) -> hl.Machine:
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM), **options)
    for number in range(len(machine.harts)):
        machine._engine.one_hart(number).use_memory_loops = at_once
        machine._engine.one_hart(number).use_idle_loops = False
    return machine


def state(machine: hl.Machine) -> bytes:
    return machine.snapshot()._saved.encode()


@pytest.mark.parametrize("wait", WAITS)
def test_a_loop_that_waits_for_an_interrupt_is_the_same_at_once_and_turn_by_turn(wait: str) -> None:
    machines = [waiting_for_interrupts(WAITS[wait], at_once) for at_once in (True, False)]
    for budget in (1, 2, 37, 5_000, 12_345, 3, 70_001):
        assert machines[0].run(budget).instructions == machines[1].run(budget).instructions == budget
        assert state(machines[0]) == state(machines[1])
    assert machines[0].hart.x["s5"] > 5  # it saw the flag


def test_a_machine_whose_translations_are_few_waits_the_same() -> None:
    paging = (
        "li t0, 0x80020; slli t0, t0, 12; li t1, 0x200000cf; sd t1, 16(t0); li t1, 0xc7; sd t1, 0(t0); "
        "li t1, -1; csrw pmpaddr0, t1; li t1, 31; csrw pmpcfg0, t1; "
        "srli t0, t0, 12; li t1, 8; slli t1, t1, 60; or t0, t0, t1; csrw satp, t0; "
        "li t1, 0x1800; csrc mstatus, t1; li t1, 0x20800; csrs mstatus, t1"  # MPRV, as S-mode
    )
    loop = f"again: {WAITS['two words']}; addi s5, s5, 1; sw zero, 0(s0); j again"
    code = f"{PREPARE}; {SETTER}; {paging}; {loop}; {HANDLER}"
    machines = [made(code, at_once, tlb={"sets": 1, "ways": 1}) for at_once in (True, False)]
    for budget in (100, 30_000, 7):
        for machine in machines:
            machine.run(budget)
        assert state(machines[0]) == state(machines[1])


@pytest.mark.parametrize("harts", [2, 5])
@pytest.mark.parametrize("wait", ["a word", "as a compiler has it", "with a pause", "with a counter"])
def test_harts_that_wait_for_another_see_it_at_the_same_moment(wait: str, harts: int) -> None:
    code = f"""
        {PREPARE}
        csrr t0, mhartid; bnez t0, again
        li t1, 40000; work: addi t1, t1, -1; bnez t1, work
        li t1, 1; sw t1, 0(s0)
        rest: wfi; j rest
        again: {WAITS[wait]}
        addi s5, s5, 1; csrr s4, mcycle
        done: wfi; j done
    """
    machines = [made(code, at_once, harts=harts, quantum=300) for at_once in (True, False)]
    for machine in machines:
        assert machine.run(2_000_000).reason == "waiting"
    assert state(machines[0]) == state(machines[1])
    assert all(hart.x["s5"] == 1 for hart in machines[0].harts[1:])


def test_code_that_becomes_such_a_loop_and_ceases_to_be_one_is_executed_as_it_is() -> None:
    code = f"""
        {PREPARE}
        la s1, look; lw s2, (s1); la s3, other; lw s3, (s3)
        li s4, 50
    round:
        sw s3, (s1); fence.i; call wait
        sw s2, (s1); fence.i; call wait
        addi s4, s4, -1; bnez s4, round
    end: j end
    other: addi s6, s6, 1
    wait: li a7, 300
    look: lw a5, 0(s0)
        addi a6, a5, 0
        addi a7, a7, -1
        bnez a7, look
        ret
    """
    machines = [made(code, at_once) for at_once in (True, False)]
    for budget in (999, 20_000, 100_000):
        for machine in machines:
            machine.run(budget)
        assert state(machines[0]) == state(machines[1])
    assert machines[0].hart.x["s6"] == 50 * 300
