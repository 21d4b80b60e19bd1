"""Several harts: turns, time, locks, races that come back, interrupts between harts."""

from __future__ import annotations

import struct

import pytest

import hartlab as hl

RAM, COUNTER, LOCK, FINISHED = 0x8000_0000, 0x8001_0000, 0x8001_0100, 0x8001_0200
CLINT, MTIMECMP = 0x0200_0000, 0x0200_4000
ROUNDS = 500

INCREMENT = {
    "amo": "li t2, 1; amoadd.d zero, t2, (s0)",
    "lr and sc": "again: lr.d t2, (s0); addi t2, t2, 1; sc.d t3, t2, (s0); bnez t3, again",
    "a spinlock": "li t2, 1; spin: amoswap.w.aq t3, t2, (s2); bnez t3, spin; ld t4, 0(s0); addi t4, t4, 1; "
    "sd t4, 0(s0); amoswap.w.rl zero, zero, (s2)",
    "nothing": "ld t4, 0(s0); addi t4, t4, 1; sd t4, 0(s0)",
}


def counting(how: str, **options: object) -> hl.Machine:
    """Every hart increments the counter, and then waits."""
    code = (
        f"li s0, {COUNTER}; li s2, {LOCK}; li s3, {FINISHED}; li s1, {ROUNDS}; "
        f"round: {INCREMENT[how]}; addi s1, s1, -1; bnez s1, round; "
        "li t0, 1; amoadd.d zero, t0, (s3); done: wfi; j done"
    )
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM), **options)
    assert machine.run(10_000_000).reason == "waiting"
    assert word(machine, FINISHED) == len(machine.harts)
    return machine


def word(machine: hl.Machine, address: int) -> int:
    return struct.unpack("<Q", machine.memory.read(address, 8))[0]


@pytest.mark.parametrize("harts", [1, 2, 3, 8])
@pytest.mark.parametrize("how", ["amo", "lr and sc", "a spinlock"])
@pytest.mark.parametrize("quantum", [7, 1000])
def test_no_increment_is_lost(how: str, harts: int, quantum: int) -> None:
    machine = counting(how, harts=harts, quantum=quantum)
    assert word(machine, COUNTER) == harts * ROUNDS


def test_a_race_loses_increments_and_the_same_seed_loses_the_same() -> None:
    lost = [
        4 * ROUNDS - word(counting("nothing", harts=4, quantum=50, seed=seed), COUNTER) for seed in range(6)
    ]
    assert all(lost)
    assert len(set(lost)) > 1
    assert lost == [
        4 * ROUNDS - word(counting("nothing", harts=4, quantum=50, seed=seed), COUNTER) for seed in range(6)
    ]


def test_how_a_run_is_divided_changes_nothing() -> None:
    whole = counting("a spinlock", harts=3, quantum=50)
    parts = hl.Machine(kernel=whole.memory.read(RAM, 4096), harts=3, quantum=50)
    step = 1
    while parts.run(step).reason == "budget":
        step = step % 97 + 1
    assert parts.instructions == whole.instructions
    assert not hl.diff(whole.snapshot(), parts)
    assert [hart.instructions for hart in parts.harts] == [hart.instructions for hart in whole.harts]


def test_each_hart_has_its_number_and_registers_of_its_own() -> None:
    machine = hl.Machine(kernel=hl.asm("csrr s5, mhartid; slli s6, s5, 4; loop: j loop"), harts=4)
    machine.run(10_000)
    assert [hart.x["s6"] for hart in machine.harts] == [0, 16, 32, 48]
    assert [hart.csrs["mhartid"] for hart in machine.harts] == [0, 1, 2, 3]
    machine.harts[2].x["s6"] = 5
    assert machine.clone().harts[2].x["s6"] == 5
    assert sum(hart.instructions for hart in machine.harts) == machine.instructions


def test_clocks_of_all_harts_go_together() -> None:
    machine = hl.Machine(
        kernel=hl.asm("csrr t0, mhartid; beqz t0, busy; idle: wfi; j idle; busy: j busy"), harts=3
    )
    machine.run(1_000_000)
    times = [hart.time for hart in machine.harts]
    assert max(times) - min(times) <= 2 * 1000 // 10
    assert min(times) > 90_000


def test_a_software_interrupt_wakes_another_hart() -> None:
    code = f"""
        csrr t0, mhartid
        li t1, {CLINT}
        bnez t0, waits
        li t2, 1
        sw t2, 4(t1)
        end: j end
    waits:
        li t2, 8
        csrw mie, t2
        wfi
        csrr s5, mip
        sw zero, 4(t1)
        csrr s6, mip
        there: j there
    """
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM), harts=2)
    machine.run(20_000)
    assert (machine.harts[1].x["s5"], machine.harts[1].x["s6"]) == (8, 0)


def test_when_all_wait_time_is_skipped_to_the_first_timer() -> None:
    code = f"""
        csrr t0, mhartid
        li t1, {MTIMECMP}
        slli t2, t0, 3
        add t1, t1, t2
        li t2, 1000000
        addi t3, t0, 1
        mul t2, t2, t3
        sd t2, 0(t1)
        li t2, 128
        csrw mie, t2
        wfi
        csrr s5, time
        csrw mie, zero
        there: wfi
        j there
    """
    machine = hl.Machine(kernel=hl.asm(code, origin=RAM), harts=3)
    result = machine.run(1_000_000)
    assert (result.reason, result.instructions < 1000) == ("waiting", True)
    woken = [hart.x["s5"] for hart in machine.harts]
    assert all(0 <= time - 1_000_000 * (n + 1) < 400 for n, time in enumerate(woken)), woken


def test_a_breakpoint_stops_at_whichever_hart_gets_there() -> None:
    machine = hl.Machine(kernel=hl.asm("csrr s5, mhartid; loop: addi s6, s6, 1; j loop", origin=RAM), harts=2)
    machine.breakpoints.add(RAM + 8)
    seen = set()
    for _ in range(2):
        assert machine.run(100_000).reason == "breakpoint"
        seen.add(next(n for n, hart in enumerate(machine.harts) if hart.pc == RAM + 8))
        machine.breakpoints.clear()
        machine.run(2_000)
        machine.breakpoints.add(RAM + 8)
    assert seen


def test_stepping_back_goes_over_the_turns_of_all() -> None:
    machine = hl.Machine(kernel=hl.asm("loop: addi s6, s6, 1; j loop", origin=RAM), harts=3)
    machine.run(5_000)
    before = [hart.x["s6"] for hart in machine.harts]
    machine.run(4_000)
    machine.back(4_000)
    assert [hart.x["s6"] for hart in machine.harts] == before


def test_code_of_a_hart_stays_its_own_when_another_has_run_through_more_than_is_kept_decoded() -> None:
    """Hart 1 counts in one page while hart 0 goes through 5,000, twice: more than are kept decoded."""
    pages, chain, result = 5000, RAM + 0x10_0000, RAM + 0x8000
    machine = hl.Machine("32MiB", harts=2, quantum=300, seed=3)
    machine.memory.write(
        RAM,
        hl.asm(
            f"csrr t0, mhartid; li s0, {chain}; li s1, 2; li s2, {result}; li s3, {6 * pages}; "
            "bnez t0, count; "
            "again: jalr s0; addi s1, s1, -1; bnez s1, again; wait: wfi; j wait; "
            "count: addi s4, s4, 1; bne s4, s3, count; sd s4, 0(s2); j wait",
            origin=RAM,
        ),
    )
    step = hl.asm("addi s5, s5, 1; add t1, t1, zero; j 0x1000", origin=0)
    for page in range(pages):
        machine.memory.write(chain + 0x1000 * page, step)
    machine.memory.write(chain + 0x1000 * pages, hl.asm("ret"))
    for hart in machine.harts:
        hart.pc = RAM
    machine.run(40 * pages)
    assert machine.harts[0].x.s5 == 2 * pages
    assert word(machine, result) == 6 * pages
