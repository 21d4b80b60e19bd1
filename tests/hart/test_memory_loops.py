"""Loops that fill or copy memory: done at once, they leave the machine as their single instructions do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hartlab as hl
from hart.boards import R, Tables, V, W, X, board, counts, registers
from hartlab import _engine

DATA = 0x8000_4000  # four pages of it
SPAN = 0x4000

FILLS = {
    "by base and index": "loop: add a6, a5, a2; sb a1, 0(a6); addi a5, a5, 1; bne a5, a4, loop",
    "bytes up to a bound": "loop: sb a1, 0(a5); addi a5, a5, 1; bne a5, a4, loop",
    "bound on the left": "loop: sb a1, 0(a5); addi a5, a5, 1; bne a4, a5, loop",
    "step first": "loop: addi a5, a5, 1; sb a1, -1(a5); bltu a5, a4, loop",
    "words, while less": "loop: sw a1, 0(a5); addi a5, a5, 4; blt a5, a4, loop",
    "half-words": "loop: sh a1, 0(a5); addi a5, a5, 2; bne a5, a4, loop",
    "doublewords, counted": "loop: sd a1, 0(a5); addi a2, a2, -1; addi a5, a5, 8; bnez a2, loop",
    "bytes, counted by addiw": "loop: sb zero, 0(a5); addiw a2, a2, -1; addi a5, a5, 1; bnez a2, loop",
    "downwards": "loop: addi a5, a5, -1; sb a1, 0(a5); bne a5, a3, loop",
    "compressed": "loop: c.sd a1, 0(a5); c.addi a5, 8; bne a5, a4, loop",
}
COPIES = {
    "bytes": "loop: lbu a6, 0(a0); sb a6, 0(a5); addi a0, a0, 1; addi a5, a5, 1; bne a5, a4, loop",
    "signed bytes, steps first": (
        "loop: addi a0, a0, 1; addi a5, a5, 1; lb a6, -1(a0); sb a6, -1(a5); bne a5, a4, loop"
    ),
    "words": "loop: lw a6, 0(a0); addi a0, a0, 4; sw a6, 0(a5); addi a5, a5, 4; bltu a5, a4, loop",
    "unsigned words": "loop: lwu a6, 0(a0); addi a0, a0, 4; sw a6, 0(a5); addi a5, a5, 4; bltu a5, a4, loop",
    "doublewords": "loop: ld a6, 0(a0); sd a6, 0(a5); addi a0, a0, 8; addi a5, a5, 8; bltu a5, a4, loop",
    "downwards": "loop: lbu a6, -1(a0); addi a0, a0, -1; addi a5, a5, -1; sb a6, 0(a5); bne a5, a3, loop",
    "counted": (
        "loop: lh a6, 0(a0); sh a6, 0(a5); addi a2, a2, -1; addi a0, a0, 2; addi a5, a5, 2; bnez a2, loop"
    ),
    "by the distance of the two": (
        "loop: add a6, a2, a5; lbu a6, 0(a6); addi a5, a5, 1; sb a6, -1(a5); bne a4, a5, loop"
    ),
    "the sum stays": "loop: add a7, a5, a2; lw a6, 4(a7); sw a6, 4(a5); addi a5, a5, 4; bltu a5, a4, loop",
    "summed behind the step": (
        "loop: addi a5, a5, 8; add a7, a2, a5; ld a6, 0(a7); sd a6, -8(a5); bltu a5, a4, loop"
    ),
    "indexed store": ("loop: lbu a6, 0(a5); add a7, a5, a2; addi a5, a5, 1; sb a6, 0(a7); bne a5, a4, loop"),
}
# As compilers write them without optimising: pointers, counters and bounds are in slots below s0.
COUNT = "sub a6, a4, a5; sw a6, -48(s0); sw zero, -20(s0); sd zero, -56(s0); sd a5, -32(s0); sd a0, -24(s0);"
SLOTS = {
    "memset": (
        f"{COUNT} sw a1, -44(s0); loop: lw a5, -20(s0); ld a4, -32(s0); add a5, a5, a4; lw a4, -44(s0);"
        "andi a4, a4, 0xff; sb a4, 0(a5); lw a5, -20(s0); addiw a5, a5, 1; sw a5, -20(s0); lw a4, -20(s0);"
        "lw a5, -48(s0); addiw a5, a5, 0; bltu a4, a5, loop"
    ),
    "memmove upwards": (
        f"{COUNT} loop: ld a4, -24(s0); addi a5, a4, 1; sd a5, -24(s0); ld a5, -32(s0); addi a3, a5, 1;"
        "sd a3, -32(s0); lbu a4, 0(a4); sb a4, 0(a5); lw a5, -48(s0); addiw a4, a5, -1; sw a4, -48(s0);"
        "bnez a5, loop"
    ),
    "memmove downwards": (
        f"{COUNT} loop: ld a5, -24(s0); addi a5, a5, -1; sd a5, -24(s0); ld a5, -32(s0); addi a5, a5, -1;"
        "sd a5, -32(s0); ld a5, -24(s0); lbu a4, 0(a5); ld a5, -32(s0); sb a4, 0(a5); lw a5, -48(s0);"
        "addiw a4, a5, -1; sw a4, -48(s0); bnez a5, loop"
    ),
    "doublewords by index": (
        f"{COUNT} sd a1, -40(s0); sd a2, -64(s0); loop: ld a5, -56(s0); slli a5, a5, 3; ld a4, -32(s0);"
        "add a5, a5, a4; ld a4, -40(s0); sd a4, 0(a5); ld a5, -56(s0); addi a5, a5, 1; sd a5, -56(s0);"
        "ld a4, -56(s0); ld a5, -64(s0); bltu a4, a5, loop"
    ),
    "copy of words by index": (
        f"{COUNT} sw a2, -64(s0); sd a0, -80(s0); loop: lw a5, -20(s0); slli a5, a5, 2; ld a4, -80(s0);"
        "add a4, a4, a5; lw a5, -20(s0); slli a5, a5, 2; ld a3, -32(s0); add a5, a3, a5; lw a4, 0(a4);"
        "sw a4, 0(a5); lw a5, -20(s0); addiw a5, a5, 1; sw a5, -20(s0); lw a5, -20(s0); mv a4, a5;"
        "lw a5, -64(s0); addiw a4, a4, 0; addiw a5, a5, 0; blt a4, a5, loop"
    ),
    "unsigned index about to wrap": (
        f"{COUNT} li a6, 0x7fffff00; sw a6, -20(s0); sub a5, a5, a6; sd a5, -32(s0); addi a6, a6, 0x200;"
        "sw a6, -48(s0); loop: lwu a5, -20(s0); ld a4, -32(s0); add a5, a5, a4; sb a1, 0(a5);"
        "lw a5, -20(s0); addiw a5, a5, 1; sw a5, -20(s0); lw a4, -20(s0); lw a5, -48(s0); bne a4, a5, loop"
    ),
    "signed counter that wraps": (
        "li a2, -0x7fffff00; loop: sb a1, 0(a5); addi a5, a5, 1; addiw a2, a2, -1; bne a5, a4, loop"
    ),
    "slots that overlap": (
        f"{COUNT} loop: ld a6, -24(s0); addi a6, a6, 1; sd a6, -24(s0); lw a7, -20(s0); sb a1, 0(a5);"
        "addi a5, a5, 1; bne a5, a4, loop"
    ),
    "copy with registers that take turns": (
        "loop: lbu a3, 0(a0); addi a6, a0, 1; addi a0, a5, 1; sb a3, 0(a5); mv a5, a0; "
        "mv a0, a6; bne a5, a4, loop"
    ),
    "the counter goes with it": (
        "loop: sb a1, 0(a5); addi a5, a5, 1; mv a6, a5; addi a7, a6, 9; bne a6, a4, loop"
    ),
}
# With the test before the end, as clang writes them without optimising.
TESTED_FIRST = {
    "up to a bound": "loop: beq a5, a4, end; sb a1, 0(a5); addi a5, a5, 1; j loop",
    "while less": "loop: bgeu a5, a4, end; sd a1, 0(a5); addi a5, a5, 8; j loop",
    "while less, signed": "loop: bge a5, a4, end; sw a1, 0(a5); addi a5, a5, 4; j loop",
    "the bound falls": ("loop: bgeu a0, a2, end; sw a1, 0(a5); addi a5, a5, 4; addi a2, a2, -1; j loop"),
    "while not less": "loop: bltu a5, a3, end; sb a1, 0(a5); addi a5, a5, -1; j loop",
    "while not less, signed": "loop: blt a5, a3, end; sh a1, 0(a5); addi a5, a5, -2; j loop",
    "copy while not negative": (
        "loop: addi a2, a2, -1; bltz a2, end; lbu a6, 0(a0); sb a6, 0(a5); addi a0, a0, 1; "
        "addi a5, a5, 1; j loop"
    ),
    "counted before it is tested": (
        "loop: mv a7, a2; addiw a2, a7, -1; beqz a7, end; j go; go: sb a1, 0(a5); addi a5, a5, 1; j loop"
    ),
    "in the middle": "loop: sb a1, 0(a5); addi a5, a5, 1; beq a5, a4, end; li a6, 3; j loop",
    "the branch stays inside": "loop: beq a5, a4, on; sb a1, 0(a5); on: addi a5, a5, 1; j loop",
    "compressed": "loop: beq a5, a4, end; c.sd a1, 0(a5); c.addi a5, 8; c.j loop",
    "not less, at the end": "loop: sb a1, 0(a5); addi a5, a5, -1; bgeu a5, a3, loop",
    "not less, signed, at the end": "loop: sb a1, 0(a5); addi a5, a5, -1; bge a5, a3, loop",
    "memset": (
        f"{COUNT} sw a1, -44(s0); loop: lw a0, -20(s0); lw a1, -48(s0); bgeu a0, a1, end; c.j one; one: "
        "lbu a0, -44(s0); ld a1, -32(s0); lw a2, -20(s0); add a1, a1, a2; sb a0, 0(a1); c.j two; two: "
        "lw a0, -20(s0); addiw a0, a0, 1; sw a0, -20(s0); j loop"
    ),
    "memmove": (
        f"{COUNT} loop: lw a0, -48(s0); addiw a1, a0, -1; sw a1, -48(s0); beqz a0, end; c.j one; one: "
        "ld a0, -24(s0); addi a1, a0, 1; sd a1, -24(s0); lbu a0, 0(a0); ld a1, -32(s0); addi a2, a1, 1; "
        "sd a2, -32(s0); sb a0, 0(a1); j loop"
    ),
}
# Nearly such loops, which are to be left alone.
OTHERS = {
    "never ends": "loop: sb a1, 0(a5); addi a5, a5, 1; j loop",
    "two tests": "loop: beq a5, a4, end; beq a5, a3, end; sb a1, 0(a5); addi a5, a5, 1; j loop",
    "a test at either end": "loop: beq a5, a4, end; sb a1, 0(a5); addi a5, a5, 1; bne a5, a3, loop",
    "jumps over something": "loop: beq a5, a4, end; j on; li a6, 1; on: sb a1, 0(a5); addi a5, a5, 1; j loop",
    "links": "loop: beq a5, a4, end; sb a1, 0(a5); addi a5, a5, 1; jal a6, loop",
    "away from its bound": "loop: bgeu a5, a4, end; sb a1, 0(a5); addi a5, a5, -1; j loop",
    "value changes": "loop: sb a5, 0(a5); addi a5, a5, 1; bne a5, a4, loop",
    "stride is not the size": "loop: sb a1, 0(a5); addi a5, a5, 2; bltu a5, a4, loop",
    "steps apart": "loop: lbu a6, 0(a0); sb a6, 0(a5); addi a0, a0, 2; addi a5, a5, 1; bne a5, a4, loop",
    "another sum": "loop: sb a1, 0(a5); add a6, a6, a5; addi a5, a5, 1; bne a5, a4, loop",
    "loads into its base": "loop: lbu a0, 0(a0); sb a0, 0(a5); addi a5, a5, 1; bne a5, a4, loop",
    "bound is stepped too": "loop: sb a1, 0(a5); addi a5, a5, 1; addi a4, a4, -1; bltu a5, a4, loop",
    "sum of two that step": (
        "loop: add a6, a5, a0; sb a1, 0(a6); addi a5, a5, 1; addi a0, a0, 1; bne a5, a4, loop"
    ),
    "stores the sum": "loop: add a6, a5, a2; sb a6, 0(a5); addi a5, a5, 1; bne a5, a4, loop",
    "sum is the bound": "loop: add a4, a5, a2; sb a1, 0(a5); addi a5, a5, 1; bltu a5, a4, loop",
    "index is loaded": "loop: add a7, a5, a2; lbu a2, 0(a7); sb a2, 0(a5); addi a5, a5, 1; bne a5, a4, loop",
    "address is loaded": (
        "loop: add a6, a5, a2; lbu a6, 0(a6); sb a6, 0(a6); addi a5, a5, 1; bne a5, a4, loop"
    ),
    "sum of three": (
        "loop: add a7, a5, a2; add a7, a7, a3; sub a7, a7, a3; sb a1, 0(a7); addi a5, a5, 1; bne a5, a4, loop"
    ),
    "slot in the way": (
        "loop: ld a6, 0(s0); add a7, a5, a6; sb a1, 0(a7); sd a5, 0(s0); addi a5, a5, 1; bne a5, a4, loop"
    ),
    "slot of two sizes": (
        "sd a5, 0(s0); loop: ld a6, 0(s0); sb a1, 0(a6); lw a7, 0(s0); addi a6, a6, 1; "
        "sd a6, 0(s0); bne a6, a4, loop"
    ),
    "two stores": "loop: sb a1, 0(a5); sb a1, 1(a5); addi a5, a5, 1; bne a5, a4, loop",
}
ALL = {
    **{f"fill: {k}": v for k, v in FILLS.items()},
    **{f"copy: {k}": v for k, v in COPIES.items()},
    **{f"slots: {k}": v for k, v in SLOTS.items()},
    **{f"tested first: {k}": v for k, v in TESTED_FIRST.items()},
    **OTHERS,
}
END = "; end: wfi"
# What is no loop for its places, though its shape is that of one.
IN_SHAPE = {"slots that overlap"}


def started(code: str, x: dict[str, int], loops: bool, paged: bool = False, **options: object) -> hl.Machine:
    machine = board(code + END, x=x, **options)
    rng = np.random.default_rng(7)
    machine.memory.write(DATA, rng.integers(0, 256, SPAN, dtype=np.uint8).tobytes())
    if paged:
        tables = Tables(machine.memory.write, 0x8002_0000)
        for page in range(0x8000_0000, 0x8000_A000, 0x1000):
            tables.map(page, page, V | R | W | X)
        machine.hart.csrs["satp"] = tables.satp()
        machine.hart.privilege = "S"
    machine._engine.use_memory_loops = loops
    return machine


def enter(machine: hl.Machine, code: str, number: int) -> None:
    """Begin at the instruction of that number, in the middle of a turn perhaps."""
    places = hl.disasm(hl.asm(code + END), pc=machine.hart.pc)["pc"]
    machine.hart.pc = int(places[number % len(places)])


def outcome(machine: hl.Machine) -> tuple[object, ...]:
    return (
        registers(machine),
        machine.hart.instructions,
        machine.memory.read(0x8000_0000, 0x2_0000),
        counts(machine),
    )


def arguments(start: int, turns: int, source: int, frame: int = SPAN + 0x1000) -> dict[str, int]:
    """Registers for any of the loops: as many turns of bytes, or what that makes of them."""
    return {
        "a5": DATA + start, "a4": DATA + start + turns, "a3": DATA + start - turns, "a2": max(turns // 8, 1),
        "a1": 0x1234_5678_9ABC_DEF0, "a0": DATA + source,
        "s0": DATA + frame,
    }  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_a_loop_at_once_is_the_loop_turn_by_turn(name):
    for start, turns, source in [(0x800, 0x400, 0x2000), (0xF00, 0x800, 0x1880), (0x1000, 8, 0x2000)]:
        ends = []
        for loops in (True, False):
            machine = started(ALL[name], arguments(start, turns, source), loops)
            machine.run(20_000)
            ends.append(outcome(machine))
        assert ends[0] == ends[1], (start, turns, source)


@pytest.mark.parametrize("name", ALL)
def test_a_loop_that_is_entered_in_its_middle_is_the_loop_turn_by_turn(name):
    x = arguments(0x800, 0x400, 0x2000)
    for number in range(len(hl.disasm(hl.asm(ALL[name] + END)))):
        ends = []
        for loops in (True, False):
            machine = started(ALL[name], x, loops)
            enter(machine, ALL[name], number)
            machine.run(20_000)
            ends.append(outcome(machine))
        assert ends[0] == ends[1], number


@pytest.mark.parametrize("name", [name for name in ALL if name.rpartition(": ")[2] not in IN_SHAPE])
def test_a_loop_is_taken_for_what_it_is(name):
    turn = ALL[name].rpartition("loop: ")[2]
    expected = None if name in OTHERS else "copies" if "copy" in name or "memmove" in name else "fills"
    assert _engine.memory_loop(hl.asm(f"loop: {turn}{END}")[:-4]) == expected


@pytest.mark.parametrize("distance", [-9, -8, -1, 0, 1, 7, 8, 64])
@pytest.mark.parametrize("name", COPIES)
def test_ranges_that_overlap_are_copied_in_the_loop_s_order(name, distance):
    ends = []
    for loops in (True, False):
        machine = started(COPIES[name], arguments(0x1800, 0x200, 0x1800 + distance), loops)
        machine.run(20_000)
        ends.append(outcome(machine))
    assert ends[0] == ends[1]


@settings(deadline=None, max_examples=200)
@given(
    name=st.sampled_from(sorted(ALL)),
    start=st.integers(0x400, 0x2400),
    turns=st.integers(1, 0x900),
    source=st.integers(0x400, 0x2400),
    budgets=st.lists(st.integers(1, 3000), min_size=1, max_size=6),
    paged=st.booleans(),
    frame=st.sampled_from([SPAN + 0x1000, SPAN + 0x40, 0x2000, 0x1008, 0x900]),
    ways=st.sampled_from([1, 4]),
    entry=st.sampled_from([0, 0, 1, 2, 3, 5, 8, 13]),
)
def test_any_loop_entered_and_cut_anywhere_paged_or_not_ends_the_same(
    name, start, turns, source, budgets, paged, frame, ways, entry
):
    ends = []
    for loops in (True, False):
        x = arguments(start, turns, source, frame)
        machine = started(ALL[name], x, loops, paged, tlb=hl.TlbGeometry(sets=4, ways=ways))
        enter(machine, ALL[name], entry)
        steps = []
        for budget in budgets:
            machine.run(budget)
            steps.append(outcome(machine))
        ends.append(steps)
    assert ends[0] == ends[1]


def test_a_loop_is_really_done_at_once():
    fill = FILLS["bytes up to a bound"]
    turn = f"outer: mv a5, a0; {fill}; addi a2, a2, -1; bnez a2, outer"
    x = {"a0": DATA, "a4": DATA + 0x1000, "a1": 7, "a2": 5_000}
    machine = started(turn, x, True)
    result = machine.run(10**9)
    assert (result.reason, machine.hart.x.a2) == ("waiting", 0)
    assert result.instructions == 5_000 * (1 + 3 * 0x1000 + 2) + 1


def test_a_turn_that_is_rewritten_means_what_it_says_now():
    for loops in (True, False):
        machine = started(FILLS["bytes up to a bound"], arguments(0, 0x100, 0), loops)
        machine.run(300)
        store = hl.asm("sb a2, 0(a5)")
        machine.memory.write(0x8000_0000, store)
        machine.hart.x["a2"] = 0x55
        at = machine.hart.x.a5
        machine.run(20_000)
        data = machine.memory.read(at, DATA + 0x100 - at)
        assert set(data) == {0x55}
