"""The turns of harts on record, given again and changed: a race shows up, and shows up again."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl

from .test_harts import COUNTER, FINISHED, INCREMENT, LOCK, RAM, ROUNDS, word

HARTS, QUANTUM = 2, 60
# As students write it: another hart may come between the look at the lock and the store that takes it.
BROKEN = (
    "spin: ld t3, (s2); bnez t3, spin; li t2, 1; sd t2, (s2); "
    "ld t4, 0(s0); addi t4, t4, 1; sd t4, 0(s0); sd zero, (s2)"
)


def machine_with(lock: str, **options: object) -> hl.Machine:
    """Every hart increments the counter under a lock, and then waits."""
    code = (
        f"li s0, {COUNTER}; li s2, {LOCK}; li s3, {FINISHED}; li s1, {ROUNDS}; "
        f"round: {lock}; addi s1, s1, -1; bnez s1, round; "
        "li t0, 1; amoadd.d zero, t0, (s3); done: wfi; j done"
    )
    return hl.Machine(kernel=hl.asm(code, origin=RAM), **({"harts": HARTS, "quantum": QUANTUM} | options))


def lost(machine: hl.Machine) -> int:
    assert machine.run(10_000_000).reason == "waiting"
    return HARTS * ROUNDS - word(machine, COUNTER)


def state(machine: hl.Machine) -> bytes:
    return machine.snapshot()._saved.encode()


def racy() -> hl.Machine:
    """A run in which the broken lock has lost something, found by trying seeds on clones."""
    booted = machine_with(BROKEN)
    for seed in range(50):
        machine = booted.clone()
        machine.reschedule(seed=seed)
        if lost(machine):
            return machine
    raise AssertionError("no seed shows the race")


def test_a_race_that_a_seed_shows_is_had_again_from_its_schedule_and_is_gone_with_amoswap() -> None:
    found = racy()
    turns = found.schedule
    assert turns.dtype.names == ("hart", "instructions")
    again = machine_with(BROKEN, schedule=turns)
    assert lost(again) == HARTS * ROUNDS - word(found, COUNTER)
    assert again.memory.read(RAM, 0x20000) == found.memory.read(RAM, 0x20000)
    assert [hart.instructions for hart in again.harts] == [hart.instructions for hart in found.harts]
    assert [hart.time for hart in again.harts] == [hart.time for hart in found.harts]
    assert lost(machine_with(INCREMENT["a spinlock"], schedule=turns)) == 0


def test_a_schedule_can_be_written_by_hand_to_make_the_race() -> None:
    # To the look at the lock in the first round, then the other hart's whole round, then on.
    for before in range(12, 40):
        machine = machine_with(BROKEN, schedule=[(0, before), (1, 40), (0, 40), (1, 10**6), (0, 10**6)])
        if lost(machine):
            assert machine.schedule[:5].tolist() == [(0, before), (1, 40), (0, 40), (1, 10**6), (0, 10**6)]
            return
    raise AssertionError("no switch between the look and the store shows the race")


@pytest.mark.parametrize("harts", [2, 3, 8])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_turns_of_a_seed_given_as_a_schedule_are_the_same_run(harts: int, seed: int) -> None:
    code = (
        "li s0, 0x2004000; csrr t0, mhartid; slli t0, t0, 3; add s0, s0, t0; li t1, 500; sd t1, (s0); "
        "li t0, 128; csrs mie, t0; la t0, tick; csrw mtvec, t0; csrsi mstatus, 8; "
        f"li s1, {COUNTER}; li s2, 300; "
        "work: li t2, 1; amoadd.d s3, t2, (s1); addi s2, s2, -1; bnez s2, work; "
        "rest: wfi; addi s4, s4, 1; j rest; "
        "tick: ld t1, (s0); csrr t2, mhartid; slli t2, t2, 7; addi t2, t2, 300; "
        "add t1, t1, t2; sd t1, (s0); mret"
    )
    options = {"harts": harts, "quantum": 80}
    one = hl.Machine(kernel=hl.asm(code, origin=RAM), seed=seed, **options)
    one.run(40_000)
    two = hl.Machine(kernel=hl.asm(code, origin=RAM), seed=seed + 7, schedule=one.schedule, **options)
    two.run(40_000)
    assert [dict(hart.csrs) for hart in two.harts] == [dict(hart.csrs) for hart in one.harts]
    assert [list(hart.x) for hart in two.harts] == [list(hart.x) for hart in one.harts]
    assert not hl.diff(one.snapshot(), two.snapshot())
    assert two.schedule.tolist()[: len(one.schedule)] == one.schedule.tolist()


@pytest.mark.parametrize("harts", [2, 3, 5])
def test_what_was_changed_on_the_way_is_on_record_and_can_be_given_again(harts: int) -> None:
    one = machine_with(BROKEN, harts=harts)
    one.run(1_111)
    one.reschedule([(1, 17), (1, 400), (0, 3)], seed=5, quantum=9)
    one.run(2_000)
    one.reschedule(seed=6)
    one.run(777)
    turns = one.schedule
    assert (1, 17) in turns.tolist()
    two = machine_with(BROKEN, harts=harts, schedule=turns)
    two.run(one.instructions)
    assert two.memory.read(RAM, 0x20000) == one.memory.read(RAM, 0x20000)
    assert [list(hart.x) for hart in two.harts] == [list(hart.x) for hart in one.harts]
    assert [hart.time for hart in two.harts] == [hart.time for hart in one.harts]
    np.testing.assert_array_equal(two.schedule[: len(turns)], turns)


def test_a_snapshot_a_clone_and_a_file_go_on_with_the_same_turns(tmp_path: object) -> None:
    machine = machine_with(BROKEN, schedule=[(0, 100), (1, 500), (0, 20)] * 30)
    machine.run(1_500)
    machine.save(f"{tmp_path}/file")
    others = [machine.clone(), hl.load(f"{tmp_path}/file")]
    snapshot = machine.snapshot()
    machine.run(7_000)
    for other in others:
        other.run(7_000)
        assert state(other) == state(machine)
    machine.restore(snapshot)
    machine.run(7_000)
    assert state(machine) == state(others[0])
    machine.back(3_000)
    machine.run(3_000)
    assert state(machine) == state(others[0])


@pytest.mark.parametrize(
    ("turns", "error", "complaint"),
    [
        ([(2, 5)], ValueError, "hart of a turn=2"),
        ([(0, 0)], ValueError, "instructions of a turn=0"),
        ([(0, 5, 6)], TypeError, "no pairs of hart and instructions"),
        (3, TypeError, "no pairs of hart and instructions"),
        (np.zeros(1, dtype=[("hart", "i4"), ("length", "i4")]), ValueError, "not hart, length"),
    ],
)
def test_turns_that_cannot_be_are_refused(turns: object, error: type[Exception], complaint: str) -> None:
    with pytest.raises(error, match=complaint):
        machine_with(BROKEN, schedule=turns)


def test_one_hart_has_no_turns() -> None:
    machine = hl.Machine(code=hl.asm("j 0"))
    assert len(machine.schedule) == 0
    with pytest.raises(ValueError, match="harts=2 or more"):
        machine.reschedule(seed=3)
