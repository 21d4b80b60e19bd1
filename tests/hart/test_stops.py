"""Stops exact to the instruction, and code that changes under the hart's feet."""

from __future__ import annotations

import random
import struct
import threading
import time

import pytest

import hartlab as hl
from hart import random_programs as programs
from hart.boards import RAM, A, D, R, Tables, U, V, W, X, board, counts, registers, run_to_trap, words
from oracles.encode import encode

LOOP = "loop: addi a0, a0, 1; ld t0, 0(s0); sd a0, 8(s0); addi a1, a1, -1; j loop"
LOOP_LENGTH = 5
BLOCKS = pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
SCRATCH = RAM + 0x8000


def looping(blocks: bool = True, **options) -> hl.Machine:
    return board(LOOP, x={"s0": SCRATCH}, blocks=blocks, **options)


# -- budgets -------------------------------------------------------------------------------------------------


@BLOCKS
def test_budget_ends_exactly_there_for_every_length(blocks):
    for budget in range(40):
        machine = looping(blocks)
        result = machine.run(budget)
        assert (result.reason, result.instructions, machine.hart.instructions) == ("budget", budget, budget)
        assert machine.hart.x.a0 == -(-budget // LOOP_LENGTH)
        pcs = [int(row["pc"]) for row in hl.disasm(hl.asm(LOOP, origin=RAM), pc=RAM)]
        assert machine.hart.pc == pcs[budget % LOOP_LENGTH]


# Straight on for longer than a budget: the beginning of the block is executed apart from its page.
LONG = 300


@BLOCKS
@pytest.mark.parametrize("budget", [1, 127, 128, 129, 255, 257, LONG - 1, LONG])
def test_budget_ends_within_a_long_block(blocks, budget):
    counting = ["c.addi a0, 1" if i % 3 else "addi a0, a0, 100" for i in range(LONG)]
    steps = [1 if i % 3 else 100 for i in range(LONG)]
    machine = board("; ".join(counting) + "; j .", blocks=blocks)
    assert machine.run(budget).instructions == budget
    assert machine.hart.x.a0 == sum(steps[:budget])
    assert machine.hart.pc == RAM + sum(2 if step == 1 else 4 for step in steps[:budget])
    machine.run(LONG - budget)
    assert machine.hart.x.a0 == sum(steps)


@BLOCKS
@pytest.mark.parametrize("at", [0, 1, 140, LONG - 2])
def test_trap_in_the_beginning_of_a_long_block(blocks, at):
    code = ["c.addi a0, 1"] * LONG
    code[at] = "fadd.d f1, f2, f3"  # illegal while FS is off
    machine = board("; ".join(code) + "; j .", blocks=blocks)
    machine.hart.csrs["mstatus"] = 0
    result = machine.run(LONG - 1, until="trap")
    trap = machine.hart.last_trap()
    assert (result.reason, result.instructions, machine.hart.x.a0) == ("trap", at, at)
    assert (trap["cause"], trap["tval"]) == (2, int.from_bytes(hl.asm(code[at]), "little"))
    assert machine.hart.csrs["mepc"] == RAM + 2 * at


@BLOCKS
@pytest.mark.parametrize("changed", [3, 100, 200, LONG - 2])
def test_store_into_the_beginning_of_a_long_block_is_seen(blocks, changed):
    """The store is the second instruction, and `changed` is executed in the same run."""
    code = ["c.addi a0, 1", "sh a1, (a2)", *["c.addi a0, 1"] * (LONG - 2)]
    target = RAM + len(hl.asm("; ".join(code[:changed])))
    by_ten = int.from_bytes(hl.asm("c.addi a0, 10"), "little")
    machine = board("; ".join(code) + "; j .", x={"a1": by_ten, "a2": target}, blocks=blocks)
    machine.run(LONG - 1)
    assert machine.hart.x.a0 == LONG - 2 + 9


def test_run_cut_at_random_is_the_run_in_one_piece():
    rng = random.Random(1)
    for seed in range(30):
        program = programs.program(
            random.Random(seed),
            [SCRATCH],
            60,
            [programs.integer, programs.memory, programs.loop, programs.flow],
        )
        whole, cut = (board(program.code, x=dict(enumerate(program.x))) for _ in range(2))
        total = whole.run(program.count, until="trap").instructions
        done = 0
        while done < total:
            done += cut.run(min(rng.randint(1, 30), total - done)).instructions
        assert registers(cut) == registers(whole)
        assert cut.memory.read(RAM, 0x1_0000) == whole.memory.read(RAM, 0x1_0000)


def test_stop_from_another_thread_ends_a_run_soon():
    machine = board("j .")
    timer = threading.Timer(0.05, machine.stop)
    timer.start()
    begin = time.perf_counter()
    assert machine.run(10**15).reason == "interrupted"
    assert time.perf_counter() - begin < 5
    timer.join()
    assert machine.run(10).reason == "budget"


def test_second_run_while_one_is_at_work_is_refused():
    machine = board("j .")
    started = threading.Event()
    results = []

    def work() -> None:
        started.set()
        results.append(machine.run(10**15).reason)

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    for _ in range(1000):
        try:
            machine.run(1)
        except RuntimeError:
            break
        time.sleep(0.001)
    else:
        pytest.fail("no run was ever refused")
    machine.stop()
    thread.join()
    assert results == ["interrupted"]


# -- breakpoints ---------------------------------------------------------------------------------------------


@BLOCKS
def test_breakpoint_stops_before_its_instruction_and_is_passed_when_going_on(blocks):
    for offset in [int(row["pc"]) for row in hl.disasm(hl.asm(LOOP))]:
        machine = looping(blocks)
        machine.breakpoints.add(RAM + offset)
        index = [int(row["pc"]) for row in hl.disasm(hl.asm(LOOP))].index(offset)
        if index:
            result = machine.run(100)
            assert (result.reason, result.instructions, machine.hart.pc) == (
                "breakpoint",
                index,
                RAM + offset,
            )
        for _ in range(3):
            result = machine.run(100)
            assert (result.reason, result.instructions, machine.hart.pc) == (
                "breakpoint",
                LOOP_LENGTH,
                RAM + offset,
            )
        machine.breakpoints.clear()
        assert machine.run(100).reason == "budget"


def test_breakpoint_behind_an_access_to_a_device_or_at_a_timer_tick_is_not_missed():
    machine = board("lw a0, 0(t0); nop; nop; nop", x={"t0": 0x0200_0000})
    machine.breakpoints.add(RAM + 4)
    result = machine.run(100)
    assert (result.reason, result.instructions) == ("breakpoint", 1)
    length = len(hl.asm("nop"))
    for tick in range(1, 12):
        machine = board("sd t1, 0(t0); " + "nop; " * 40, x={"t0": 0x0200_4000, "t1": tick})
        first = len(hl.asm("sd t1, 0(t0)"))
        stops = [RAM + first + length * n for n in range(20)]
        for stop in stops:
            machine.breakpoints.add(stop)
        for stop in stops:
            assert (machine.run(100).reason, machine.hart.pc) == ("breakpoint", stop)


def test_breakpoint_on_a_handler_stops_when_the_trap_is_taken():
    machine = board("nop; ecall", csrs={"mtvec": RAM + 0x100})
    machine.breakpoints.add(RAM + 0x100)
    assert (machine.run(100).reason, machine.hart.pc) == ("breakpoint", RAM + 0x100)
    assert machine.hart.csrs["mcause"] == 11


def test_breakpoint_inside_another_instruction_stops_only_who_goes_there():
    machine = board("addi a0, a0, 1024; j .")  # a 4-byte instruction
    machine.breakpoints.add(RAM + 2)
    assert machine.run(10).reason == "budget"


# -- watchpoints ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 4, 8])
@pytest.mark.parametrize("kind", ["load", "store"])
def test_watchpoint_stops_after_any_access_that_overlaps_it_and_no_other(size, kind):
    letter = {1: "b", 2: "h", 4: "w", 8: "d"}[size]
    word = encode(f"l{letter}", 5, 6) if kind == "load" else encode(f"s{letter}", rs1=6, rs2=7)
    nop = encode("addi")
    for watched_size in (1, 4, 8):
        for offset in range(-10, 11):
            machine = board(words(nop, word, nop, nop), x={6: SCRATCH + offset})
            machine.watch(SCRATCH, watched_size, loads=kind == "load", stores=kind == "store")
            result = machine.run(4)
            overlaps = offset < watched_size and offset + size > 0
            expected = ("watchpoint", 2) if overlaps else ("budget", 4)
            assert (result.reason, result.instructions) == expected, (offset, watched_size)
            if overlaps:
                assert kind in result.detail
                assert f"{SCRATCH + offset:#x}" in result.detail


def test_watchpoint_for_stores_lets_loads_pass_and_the_other_way_round():
    for kind, loads in (("load", False), ("store", True)):
        word = encode("ld", 5, 6) if kind == "load" else encode("sd", rs1=6, rs2=7)
        machine = board(words(word, encode("addi")), x={6: SCRATCH})
        machine.watch(SCRATCH, 8, loads=loads, stores=not loads)
        assert machine.run(2).reason == "budget"


@pytest.mark.parametrize("text", ["amoadd.d a0, a1, (t1)", "lr.d a0, (t1)", "fld f0, 0(t1)", "fsd f0, 0(t1)"])
def test_watchpoint_sees_atomics_and_floating_point(text):
    machine = board(f"nop; {text}; nop", x={"t1": SCRATCH})
    machine.watch(SCRATCH, 8, loads=True)
    result = machine.run(3)
    assert (result.reason, result.instructions) == ("watchpoint", 2)


def test_access_that_faults_in_its_second_page_is_no_watchpoint_hit():
    machine = board("ld a0, 0(t1)", csrs={"mtvec": RAM + 0x100}, x={"t1": 0x5FFC}, privilege="U")
    tables = Tables(machine.memory.write, RAM + 0x1_0000)
    tables.map(RAM, RAM, V | R | X | U)
    tables.map(0x5000, RAM + 0x3000, V | R | U)
    machine.hart.csrs["satp"] = tables.satp()
    machine.memory.write(RAM + 0x100, hl.asm("nop; nop; nop"))
    machine.watch(0x5FF8, 8, loads=True)
    assert machine.run(3).reason == "budget"
    assert machine.hart.csrs["mcause"] == 13


def test_access_by_python_leaves_no_hit_behind_for_the_next_run():
    machine = board("nop; nop; nop")
    machine.watch(SCRATCH, 8)
    machine.hart.store(SCRATCH, b"\1")
    assert machine.run(2).reason == "budget"


def test_removed_watchpoint_stops_nothing():
    machine = looping()
    with machine.watch(SCRATCH + 8, 8):
        assert machine.run(100).reason == "watchpoint"
    assert machine.run(100).reason == "budget"


def stops_of(program: programs.Program, blocks: bool, seed: int) -> list[object]:
    """Every stop of a run over random breakpoints and watchpoints, and the state at the end."""
    rng = random.Random(seed)
    machine = board(program.code, x=dict(enumerate(program.x)), blocks=blocks, csrs={"mtvec": RAM + 0x4000})
    machine.memory.write(RAM + 0x4000, hl.asm("csrr t0, mepc; addi t0, t0, 4; csrw mepc, t0; mret"))
    for _ in range(rng.randrange(4)):
        machine.breakpoints.add(RAM + rng.choice([0x4000, 4 * rng.randrange(len(program.code) // 4)]))
    for _ in range(rng.randrange(3)):
        where = rng.choice([SCRATCH, RAM + 0x1000, RAM]) + rng.randrange(-16, 64)
        machine.watch(where, rng.choice([1, 8, 100]), loads=rng.random() < 0.5)
    seen: list[object] = []
    left = 2000
    while left > 0:
        result = machine.run(min(left, rng.choice([1, 7, 100, 2000])))
        seen.append((result, machine.hart.pc))
        left -= max(result.instructions, 1)
    return [*seen, registers(machine), counts(machine), machine.memory.read(RAM, 0x1_0000)]


def test_stops_of_random_programs_are_the_same_in_blocks_and_singly():
    kinds = [programs.integer, programs.memory, programs.loop, programs.flow]
    for seed in range(60):
        program = programs.program(random.Random(seed), [SCRATCH, RAM + 0x1000], 60, kinds)
        assert stops_of(program, True, seed) == stops_of(program, False, seed), f"seed {seed}"


# -- code that changes ---------------------------------------------------------------------------------------


@BLOCKS
@pytest.mark.parametrize("fence", [False, True])
def test_store_into_the_next_instruction_is_executed(blocks, fence):
    """Whoever omits fence.i gets the new code here too: decoded code follows every store."""
    new = encode("addi", 10, 10, imm=100)
    code = [encode("sw", rs1=6, rs2=7), *([0x100F] if fence else []), encode("addi", 10, 10, imm=1), 0x73]
    machine = board(words(*code), x={6: RAM + 4 * (len(code) - 2), 7: new}, blocks=blocks)
    run_to_trap(machine, 10)
    assert machine.hart.x.a0 == 100


@BLOCKS
def test_loop_that_rewrites_its_own_immediate_each_time_round(blocks):
    # a0 += n where n is the count of rounds, stored into the addi ahead of it
    text = """
    loop:
        addi a1, a1, 1
        slli t0, a1, 20
        or   t0, t0, s1
        sw   t0, 0(s0)
    patched:
        .word 0x00050513
        bne  a1, a2, loop
        ecall
    """
    code = hl.asm(text, origin=RAM)
    at = RAM + code.index(struct.pack("<I", 0x00050513))
    machine = board(code, x={"s0": at, "s1": 0x00050513, "a2": 200}, blocks=blocks)
    assert run_to_trap(machine, 10_000) == 11
    assert machine.hart.x.a0 == sum(range(1, 201))


@BLOCKS
def test_store_to_one_half_of_an_instruction_counts(blocks):
    new = encode("addi", 10, 10, imm=0x7F0)
    machine = board(words(encode("sh", rs1=6, rs2=7), encode("addi", 10, 10, imm=1), 0x73), blocks=blocks,
                    x={6: RAM + 6, 7: new >> 16})  # fmt: skip
    run_to_trap(machine, 10)
    assert machine.hart.x.a0 == 0x7F0


@BLOCKS
def test_code_decoded_before_is_dropped_when_python_writes_it(blocks):
    machine = board("loop: addi a0, a0, 1; j loop", blocks=blocks)
    machine.run(100)
    machine.memory.write(RAM, hl.asm("addi a0, a0, 2"))
    before = machine.hart.x.a0
    machine.run(100)
    assert machine.hart.x.a0 == before + 100


@BLOCKS
def test_restored_code_is_executed_and_not_what_replaced_it(blocks):
    machine = board("loop: addi a0, a0, 1; j loop", blocks=blocks)
    machine.run(10)
    snapshot = machine.snapshot()
    machine.memory.write(RAM, hl.asm("addi a0, a0, 2"))
    machine.run(10)
    machine.restore(snapshot)
    machine.run(10)
    assert machine.hart.x.a0 == 10


@BLOCKS
def test_text_and_data_in_one_page_do_not_disturb_each_other(blocks):
    text = "loop: ld t0, 0(s0); addi t0, t0, 1; sd t0, 0(s0); addi a1, a1, -1; bnez a1, loop; ecall"
    machine = board(text, x={"s0": RAM + 0x80, "a1": 5000}, blocks=blocks)
    assert run_to_trap(machine, 100_000) == 11
    assert machine.memory.load(RAM + 0x80) == 5000


@BLOCKS
def test_same_page_at_two_addresses_shows_a_store_through_the_other(blocks):
    machine = board(blocks=blocks)
    tables = Tables(machine.memory.write, RAM + 0x1_0000)
    tables.map(0x1000, RAM + 0x3000, V | R | X | U | A)
    tables.map(0x2000, RAM + 0x3000, V | R | W | U | A | D)
    code = words(encode("addi", 10, 10, imm=1), encode("sw", rs1=6, rs2=7), encode("jal", 0, imm=-8))
    machine.memory.write(RAM + 0x3000, code)
    machine.hart.csrs["satp"] = tables.satp()
    machine.hart.x[6], machine.hart.x[7] = 0x2000, encode("addi", 10, 10, imm=16)
    machine.hart.privilege, machine.hart.pc = "U", 0x1000
    machine.run(3 * 5)
    assert machine.hart.x.a0 == 1 + 4 * 16


@BLOCKS
def test_instruction_across_two_pages_is_executed_again_and_again(blocks):
    start = RAM + 0x2000 - 6
    loop = words(
        encode("addi", 11, 11, imm=1),
        encode("addi", 10, 10, imm=3),
        encode("bne", rs1=11, rs2=12, imm=-8),
        0x73,
    )
    machine = board(loop, at=start, x={12: 50}, blocks=blocks)
    assert run_to_trap(machine, 1000) == 11
    assert machine.hart.x.a0 == 150
    assert machine.hart.instructions == 150


@BLOCKS
def test_second_half_of_an_instruction_across_pages_may_change(blocks):
    start = RAM + 0x2000 - 2
    machine = board(words(encode("addi", 10, 10, imm=1)), at=start, blocks=blocks)
    machine.run(1)
    machine.memory.write(RAM + 0x2000, words(encode("addi", 10, 10, imm=0x70))[2:])
    machine.hart.pc = start
    machine.run(1)
    assert machine.hart.x.a0 == 0x71


@BLOCKS
def test_jump_into_the_middle_of_an_instruction_executes_what_is_there(blocks):
    # The upper half of lui x10 with this immediate is c.li a1, 5; execution falls through to the ecall behind
    # it.
    lui = encode("lui", 10, imm=0x4595_0)
    machine = board(words(lui, 0x73), blocks=blocks)
    assert run_to_trap(machine, 10) == 11
    assert machine.hart.x.a1 == 0
    machine.hart.pc = RAM + 2
    assert run_to_trap(machine, 10) == 11
    assert machine.hart.x.a1 == 5


@BLOCKS
def test_a_page_that_is_code_and_data_by_turns_is_executed_as_it_stands(blocks):
    # Each time round, all of the code in s0's page goes, data is there for a while, then new code twice.
    text = """
    loop:
        sd   zero, 0(s0)
        sd   a1, 0(s0)
        sd   a1, 8(s0)
        addi a1, a1, 1
        slli t0, a1, 20
        or   t0, t0, s1
        sw   t0, 0(s0)
        sw   s2, 4(s0)
        jalr ra, 0(s0)
        sw   s3, 0(s0)
        jalr ra, 0(s0)
        bne  a1, a2, loop
        ecall
    """
    add, back = encode("addi", 10, 10, imm=0), encode("jalr", 0, 1, imm=0)
    versions = {"s0": RAM + 0x1000, "s1": add, "s2": back, "s3": add | 7 << 20}
    machine = board(hl.asm(text, origin=RAM), x={**versions, "a2": 200}, blocks=blocks)
    assert run_to_trap(machine, 10_000) == 11
    assert machine.hart.x.a0 == sum(range(1, 201)) + 7 * 200


def test_random_programs_that_overwrite_themselves_run_the_same_in_blocks_and_singly():
    for seed in range(40):
        rng = random.Random(seed)
        program = programs.program(
            rng, [RAM + 0x80, RAM + 0x100], 60, [programs.integer, programs.memory, programs.flow]
        )
        ends = []
        for way in (True, False):
            machine = board(
                program.code, x=dict(enumerate(program.x)), blocks=way, csrs={"mtvec": RAM + 0x4000}
            )
            result = machine.run(500, until="trap")
            ends.append((registers(machine), machine.hart.pc, result, machine.memory.read(RAM, 0x1000)))
        assert ends[0] == ends[1], f"seed {seed}"


# -- load-reserved and store-conditional ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "succeeds"),
    [
        ("lr.d a1, (t0); sc.d a0, t1, (t0)", True),
        ("lr.w a1, (t0); sc.w a0, t1, (t0)", True),
        ("lr.d a1, (t0); addi t2, t2, 1; sc.d a0, t1, (t0)", True),
        ("sc.d a0, t1, (t0)", False),
        ("lr.d a1, (t0); sc.d a2, t1, (t0); sc.d a0, t1, (t0)", False),
        ("lr.d a1, (t0); sc.d a0, t1, (t3)", False),
        ("lr.d a1, (t3); lr.d a1, (t0); sc.d a0, t1, (t0)", True),
        ("lr.d a1, (t0); lr.d a1, (t3); sc.d a0, t1, (t0)", False),
    ],
)
@BLOCKS
def test_store_conditional_succeeds_only_on_its_reservation(text, succeeds, blocks):
    machine = board(text + "; ecall", x={"t0": SCRATCH, "t1": 77, "t3": SCRATCH + 64, "a0": 5}, blocks=blocks)
    assert run_to_trap(machine, 20) == 11
    assert machine.hart.x.a0 == (0 if succeeds else 1)
    if succeeds:
        assert machine.memory.load(SCRATCH) == 77


def test_return_from_a_trap_breaks_the_reservation():
    machine = board(
        "lr.d a1, (t0); ecall; sc.d a0, t1, (t0); ebreak",
        x={"t0": SCRATCH, "t1": 7},
        csrs={"mtvec": RAM + 0x100},
    )
    machine.memory.write(RAM + 0x100, hl.asm("csrr t6, mepc; addi t6, t6, 4; csrw mepc, t6; mret"))
    machine.run(7)
    assert machine.hart.x.a0 == 1


def test_reservation_is_part_of_a_snapshot():
    machine = board("lr.d a1, (t0); sc.d a0, t1, (t0); ecall", x={"t0": SCRATCH, "t1": 7, "a0": 9})
    machine.run(1)
    snapshot = machine.snapshot()
    machine.run(1)
    machine.restore(snapshot)
    machine.run(1)
    assert machine.hart.x.a0 == 0


# -- misaligned accesses across pages ------------------------------------------------------------------------


@BLOCKS
def test_misaligned_accesses_move_every_byte_wherever_the_pages_are(blocks):
    rng = random.Random(3)
    machine = board(blocks=blocks)
    tables = Tables(machine.memory.write, RAM + 0x1_0000)
    tables.map(0x1000, RAM + 0x2000, V | R | X | U)
    frames = [0x9000, 0x5000, 0x7000]
    for number, frame in enumerate(frames):
        tables.map(0x4000 + (number << 12), RAM + frame, V | R | W | U)
    machine.hart.csrs["satp"] = tables.satp()
    shadow = bytearray(3 << 12)
    for _ in range(300):
        size = rng.choice([1, 2, 4, 8])
        letter = {1: "b", 2: "h", 4: "w", 8: "d"}[size]
        at = rng.choice([rng.randrange((3 << 12) - 8), (rng.randint(1, 2) << 12) - rng.randrange(9)])
        value = rng.getrandbits(64)
        shadow[at : at + size] = value.to_bytes(8, "little")[:size]
        load = encode("lwu" if size == 4 else "ld" if size == 8 else f"l{letter}u", 5, 6)
        machine.memory.write(RAM + 0x2000, words(encode(f"s{letter}", rs1=6, rs2=7), load))
        machine.hart.x[6], machine.hart.x[7] = 0x4000 + at, value
        machine.hart.privilege, machine.hart.pc = "U", 0x1000
        assert machine.run(2).reason == "budget"
        assert machine.hart.x[5] == value & (1 << 8 * size) - 1
    assert b"".join(machine.memory.read(RAM + frame, 4096) for frame in frames) == bytes(shadow)
