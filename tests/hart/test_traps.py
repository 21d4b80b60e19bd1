"""Traps: every cause, delegation, vectors, returns, interrupts, waiting, and what the privilege levels may
not do.

[priv 3.1.6 to 3.1.9, 3.3, 4.1]
"""

from __future__ import annotations

import itertools
import struct

import pytest

import hartlab as hl
from hart.boards import FS_DIRTY, INTERRUPT, RAM, A, D, R, Tables, U, V, W, X, board, run_to_trap, words
from oracles.encode import encode

M_VECTOR, S_VECTOR, THERE = RAM + 0x400, RAM + 0x800, RAM + 0x3000
SIE, MIE, SPIE, MPIE, SPP, MPP = 1 << 1, 1 << 3, 1 << 5, 1 << 7, 1 << 8, 3 << 11
CLINT, MTIMECMP, MTIME = 0x0200_0000, 0x0200_4000, 0x0200_BFF8
TABLES = RAM + 0x1_0000
VECTORS = {"mtvec": M_VECTOR, "stvec": S_VECTOR}
LOAD, STORE = encode("ld", 5, 6), encode("sd", rs1=6, rs2=7)

# cause: (instruction, modes it is provoked in, x6, tval or None for the instruction's bits)
PROVOCATIONS = {
    1: (encode("jalr", 0, 6), "USM", 0x1000, 0x1000),
    2: (0, "USM", 0, 0),
    3: (0x0010_0073, "USM", 0, RAM),
    4: (encode("lr.d", 5, 6), "USM", RAM + 4, RAM + 4),
    5: (LOAD, "USM", 0x1000, 0x1000),
    6: (encode("amoadd.w", 5, 6, 7), "USM", RAM + 2, RAM + 2),
    7: (STORE, "USM", 0x1000, 0x1000),
    8: (0x73, "U", 0, 0),
    9: (0x73, "S", 0, 0),
    11: (0x73, "M", 0, 0),
    12: (encode("jalr", 0, 6), "US", 0x5000, 0x5000),
    13: (LOAD, "US", 0x5000, 0x5000),
    15: (STORE, "US", 0x5000, 0x5000),
}


def provoke(cause: int, mode: str, delegated: bool, *, mstatus: int = 0, blocks: bool = True) -> hl.Machine:
    """A machine that is about to take that trap."""
    word, _, x6, _ = PROVOCATIONS[cause]
    machine = board(words(word), x={6: x6}, csrs={**VECTORS, "mstatus": FS_DIRTY | mstatus}, blocks=blocks)
    if cause in (12, 13, 15):
        tables = Tables(machine.memory.write, TABLES)
        tables.map(RAM, RAM, V | R | W | X | (U if mode == "U" else 0))
        machine.hart.csrs["satp"] = tables.satp()
    machine.hart.csrs["medeleg"] = 1 << cause if delegated else ~(1 << cause) % 2**64
    machine.hart.privilege = mode
    return machine


@pytest.mark.parametrize(
    ("cause", "mode", "delegated", "enabled"),
    [
        (c, m, d, e)
        for c, row in PROVOCATIONS.items()
        for m in row[1]
        for d in (False, True)
        for e in (False, True)
    ],
)
def test_exception_saves_where_why_and_from_whom(cause, mode, delegated, enabled):
    machine = provoke(cause, mode, delegated, mstatus=(SIE | MIE) if enabled else 0)
    jumped = cause in (1, 12)
    assert run_to_trap(machine, 2) == cause
    csrs = machine.hart.csrs
    to_s = delegated and mode != "M" and cause != 11
    epc = PROVOCATIONS[cause][2] if jumped else RAM
    x, other = ("s", "m") if to_s else ("m", "s")
    assert (csrs[x + "cause"], csrs[x + "tval"], csrs[x + "epc"]) == (cause, PROVOCATIONS[cause][3], epc)
    assert (csrs[other + "cause"], csrs[other + "tval"], csrs[other + "epc"]) == (0, 0, 0)
    assert (machine.hart.privilege, machine.hart.pc) == (("S", S_VECTOR) if to_s else ("M", M_VECTOR))
    status = csrs["mstatus"]
    assert bool(status & (SPIE if to_s else MPIE)) is enabled
    assert not status & (SIE if to_s else MIE)
    assert bool(status & (MIE if to_s else SIE)) is enabled  # the other level's is left alone
    if to_s:
        assert bool(status & SPP) is (mode == "S")
    else:
        assert status >> 11 & 3 == "US?M".index(mode)
    assert machine.hart.instructions == int(jumped)


def test_every_cause_has_a_provocation():
    assert set(PROVOCATIONS) == {
        c for c in range(16) if c not in (0, 10, 14)
    }  # 0 cannot happen with 16-bit instructions


@pytest.mark.parametrize("bits", [0, 0xFFFF_FFFF, 0x0000_707F, 0x8000, 0xC00F_5013])
def test_illegal_instruction_gives_its_bits(bits):
    machine = board(struct.pack("<I", bits), csrs=VECTORS)
    assert run_to_trap(machine, 1) == 2
    assert machine.hart.csrs["mtval"] == (bits if bits & 3 == 3 else bits & 0xFFFF)


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
@pytest.mark.parametrize("start", [RAM + 0x100, RAM + 0x1FFE, RAM + 0x1FFC])
@pytest.mark.parametrize("bits", [0xFFFF_FFFF, 0x0000_707F, 0x0000, 0x9C41])
def test_illegal_instruction_gives_its_bits_wherever_it_lies(start, bits, blocks):
    machine = board(csrs=VECTORS, pc=start - 4, blocks=blocks)
    machine.memory.write(start - 4, words(encode("addi", 5, imm=1)) + struct.pack("<I", bits))
    assert run_to_trap(machine, 10) == 2
    trap = machine.hart.last_trap()
    assert (trap["tval"], trap["epc"]) == (bits, start)
    assert machine.hart.instructions == 1


@pytest.mark.parametrize("vectored", [False, True])
@pytest.mark.parametrize("level", ["m", "s"])
def test_vectored_mode_moves_interrupts_and_not_exceptions(level, vectored):
    base = M_VECTOR if level == "m" else S_VECTOR
    machine = board("ecall", csrs={f"{level}tvec": base | vectored, "medeleg": 0x100 if level == "s" else 0})
    machine.hart.privilege = "U"
    run_to_trap(machine, 1)
    assert machine.hart.pc == base
    machine = board("nop", csrs={f"{level}tvec": base | vectored, "mideleg": 0x222 if level == "s" else 0})
    machine.hart.csrs["mie"], machine.hart.csrs["mip"] = 0x20, 0x20
    machine.hart.privilege = "U"
    assert run_to_trap(machine, 1) == INTERRUPT | 5
    assert machine.hart.pc == (base + 4 * 5 if vectored else base)


PRIORITY = [9, 1, 5]  # of those that software can raise: SEI, SSI, STI


@pytest.mark.parametrize("pending", [c for n in (1, 2, 3) for c in itertools.combinations(PRIORITY, n)])
@pytest.mark.parametrize("delegated", [0, 0x222, 0x002, 0x220])
@pytest.mark.parametrize("mode", "USM")
@pytest.mark.parametrize("enables", [0, SIE, MIE, SIE | MIE])
def test_interrupt_is_taken_by_privilege_enable_and_priority(pending, delegated, mode, enables):
    machine = board("nop; nop", csrs={**VECTORS, "mideleg": delegated, "mstatus": FS_DIRTY | enables})
    machine.hart.csrs["mie"] = machine.hart.csrs["mip"] = sum(1 << n for n in pending)
    machine.hart.privilege = mode
    to_m = [n for n in PRIORITY if n in pending and not delegated >> n & 1]
    to_s = [n for n in PRIORITY if n in pending and delegated >> n & 1]
    expected = None
    if to_s and (mode == "U" or (mode == "S" and enables & SIE)):
        expected = to_s[0]
    if to_m and (mode != "M" or enables & MIE):
        expected = to_m[0]
    assert run_to_trap(machine, 1) == (None if expected is None else INTERRUPT | expected)
    if expected is not None:
        assert machine.hart.privilege == ("S" if expected in to_s else "M")
        assert machine.hart.last_trap()["epc"] == RAM


def test_interrupt_is_taken_right_after_the_instruction_that_enables_it():
    for text in ("csrsi mstatus, 8", "csrw mie, t0", "csrw mip, t1"):
        machine = board(f"nop; {text}; nop; nop", csrs=VECTORS, x={"t0": 0x2, "t1": 0x2})
        if "mstatus" not in text:
            machine.hart.csrs["mstatus"] = FS_DIRTY | MIE
        if "mie" not in text:
            machine.hart.csrs["mie"] = 2
        if "mip" not in text:
            machine.hart.csrs["mip"] = 2
        assert run_to_trap(machine, 10) == INTERRUPT | 1
        length = len(hl.asm(f"nop; {text}"))
        assert machine.hart.last_trap()["epc"] == RAM + length
        assert machine.hart.instructions == 2


@pytest.mark.parametrize("per_tick", [1, 3, 10])
@pytest.mark.parametrize("chunk", [1, 2, 7, 1000])
def test_timer_interrupt_comes_at_its_tick_however_the_run_is_cut(chunk, per_tick):
    machine = board(
        "j .", csrs={**VECTORS, "mie": 0x80, "mstatus": FS_DIRTY | MIE}, instructions_per_tick=per_tick
    )
    set_timer(machine, 12)
    start = machine.hart.instructions
    while machine.hart.last_trap()["cause"] != INTERRUPT | 7:
        assert machine.hart.instructions < 1000
        machine.run(chunk, until="trap")
    due = 12 * per_tick
    assert machine.hart.instructions == max(due, start)
    assert machine.hart.time == 12


def set_timer(machine: hl.Machine, tick: int) -> None:
    """Writes mtimecmp as a program does, and goes back to where the machine was."""
    pc, x5, x6 = machine.hart.pc, machine.hart.x[5], machine.hart.x[6]
    code = machine.memory.read(RAM + 0x2000, 4)
    machine.memory.write(RAM + 0x2000, words(encode("sd", rs1=5, rs2=6)))
    machine.hart.x[5], machine.hart.x[6], machine.hart.pc = MTIMECMP, tick, RAM + 0x2000
    machine.run(1)
    machine.memory.write(RAM + 0x2000, code)
    machine.hart.x[5], machine.hart.x[6], machine.hart.pc = x5, x6, pc


def test_software_interrupt_of_the_clint_comes_after_the_store_that_raises_it():
    machine = board(
        "sw t0, 0(t1); nop; nop",
        x={"t0": 1, "t1": CLINT},
        csrs={**VECTORS, "mie": 8, "mstatus": FS_DIRTY | MIE},
    )
    assert run_to_trap(machine, 10) == INTERRUPT | 3
    assert machine.hart.last_trap()["epc"] == RAM + 4
    assert machine.hart.csrs["mip"] & 8


def test_mtime_and_the_time_register_are_one_clock():
    machine = board("nop; ld a0, 0(t0); rdtime a1; sd t1, 0(t0); ld a2, 0(t0); rdtime a3",
                    x={"t0": MTIME, "t1": 5000})  # fmt: skip
    machine.run(6)
    x = machine.hart.x
    assert (x.a0, x.a1) == (1, 2)
    assert x.a2 in (5000, 5001)
    assert x.a3 == x.a2 + 1


def test_access_to_the_clint_of_a_wrong_size_is_an_access_fault():
    for word, cause in (
        (encode("lb", 5, 6), 5),
        (encode("sb", rs1=6, rs2=7), 7),
        (encode("ld", 5, 6, imm=4), 5),
    ):
        machine = board(words(word), x={6: CLINT}, csrs=VECTORS)
        assert run_to_trap(machine, 1) == cause


# -- wfi -----------------------------------------------------------------------------------------------------


def test_wfi_skips_to_the_timer_and_goes_on_behind_it_without_a_trap_if_interrupts_are_off():
    machine = board("wfi; rdtime a0; nop", csrs={**VECTORS, "mie": 0x80})
    set_timer(machine, 10_000)
    machine.run(3)
    assert machine.hart.x.a0 >= 10_000
    assert machine.hart.time < 10_010
    assert machine.hart.instructions == 4  # the three, and the store that set the timer


def test_wfi_with_nothing_to_wait_for_stops_the_run_and_can_be_woken():
    machine = board("wfi; nop; nop", csrs=VECTORS)
    result = machine.run(100)
    assert (result.reason, result.instructions, machine.hart.waiting) == ("waiting", 1, True)
    assert machine.run(100).reason == "waiting"
    machine.hart.csrs["mie"] = machine.hart.csrs["mip"] = 2
    assert machine.run(1).reason == "budget"
    assert (machine.hart.waiting, machine.hart.pc) == (False, RAM + 8)


def test_interrupt_that_ends_a_wait_returns_behind_the_wfi():
    machine = board("wfi; nop", csrs={**VECTORS, "mie": 2, "mstatus": FS_DIRTY | MIE})
    assert machine.run(10).reason == "waiting"
    machine.hart.csrs["mip"] = 2
    assert run_to_trap(machine, 10) == INTERRUPT | 1
    assert machine.hart.last_trap()["epc"] == RAM + 4
    machine.hart.csrs["mip"] = 0
    machine.memory.write(M_VECTOR, hl.asm("nop; nop"))
    assert machine.run(1).reason == "budget"
    assert not machine.hart.waiting


def test_wfi_in_user_mode_is_illegal():
    machine = board("wfi", csrs=VECTORS, privilege="U")
    assert run_to_trap(machine, 1) == 2


# -- round trips ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
def test_supervisor_handler_serves_user_calls_and_returns(blocks):
    machine = board(csrs={**VECTORS, "medeleg": 1 << 8}, blocks=blocks)
    machine.memory.write(RAM, hl.asm("li a0, 0; loop: addi a0, a0, 1; ecall; j loop"))
    machine.memory.write(
        S_VECTOR,
        hl.asm("csrr t0, sepc; addi t0, t0, 4; csrw sepc, t0; addi a1, a1, 1; sret", origin=S_VECTOR),
    )
    machine.hart.privilege = "U"
    machine.run(1 + 7 * 100)  # an ecall does not retire
    assert (machine.hart.x.a0, machine.hart.x.a1) == (100, 100)
    assert machine.hart.privilege == "U"


def test_mret_into_user_mode_with_translation_faults_at_the_first_fetch_if_nothing_is_mapped():
    machine = board("mret", csrs={**VECTORS, "mepc": THERE, "satp": 8 << 60 | TABLES >> 12})
    assert run_to_trap(machine, 2) == 12
    trap = machine.hart.last_trap()
    assert (trap["epc"], trap["tval"], trap["from"]) == (THERE, THERE, "U")


def test_satp_write_translates_the_very_next_fetch():
    for blocks in (True, False):
        machine = board(
            "csrw satp, t0; li a0, 1", csrs={**VECTORS, "medeleg": 1 << 12}, blocks=blocks, privilege="S"
        )
        tables = Tables(machine.memory.write, TABLES)
        tables.map(RAM, RAM + 0x2000, V | R | X | A | D)
        machine.memory.write(RAM + 0x2004, hl.asm("li a0, 2"))
        machine.hart.x["t0"] = tables.satp()
        machine.run(2)
        assert machine.hart.x.a0 == 2


def test_sum_set_by_a_program_counts_for_its_next_load():
    for blocks in (True, False):
        machine = board(blocks=blocks, csrs=VECTORS)
        tables = Tables(machine.memory.write, TABLES)
        tables.map(RAM, RAM, V | R | X | A)
        tables.map(0x5000, RAM + 0x3000, V | R | W | U | A | D)
        machine.memory.write(RAM, hl.asm("csrs sstatus, t0; ld a0, 0(t1); csrc sstatus, t0; ld a0, 0(t1)"))
        machine.hart.csrs["satp"] = tables.satp()
        machine.hart.x["t0"], machine.hart.x["t1"] = 1 << 18, 0x5000
        machine.hart.privilege = "S"
        assert run_to_trap(machine, 10) == 13
        assert machine.hart.instructions == 3


def test_handler_whose_first_instruction_traps_ends_the_run_at_once():
    for vector in (0, M_VECTOR):
        machine = board("nop; ecall", csrs={"mtvec": vector})
        result = machine.run(10**15)
        assert (result.reason, result.instructions) == ("trap_loop", 1)
    machine = board("lb a0, 0(t0)", csrs={"mtvec": RAM}, x={"t0": CLINT})  # which a device refuses
    assert machine.run(10**15).reason == "trap_loop"
    machine = board("ecall", csrs={"stvec": 0x1000, "medeleg": 0xB3FF}, privilege="S")
    assert machine.run(10**15).reason == "trap_loop"


def test_handler_that_traps_once_and_then_goes_on_is_no_loop():
    # With MPRV and MPP = U its load faults; the trap sets MPP = M, and the second time it goes through.
    machine = board("ecall", csrs={"mtvec": M_VECTOR, "satp": 8 << 60 | TABLES >> 12})
    machine.memory.write(M_VECTOR, hl.asm("ld a0, 0(t1); li a1, 7; wfi"))
    machine.hart.x["t1"] = RAM
    machine.hart.csrs["mstatus"] = FS_DIRTY | 1 << 17
    assert machine.run(100).reason == "waiting"
    assert machine.hart.x.a1 == 7


def test_trap_to_user_page_table_fault_in_handler_is_reported_with_its_own_address():
    machine = board("ecall", csrs={"stvec": 0x4_0000, "medeleg": 1 << 8, "mtvec": M_VECTOR}, privilege="U")
    tables = Tables(machine.memory.write, TABLES)
    tables.map(RAM, RAM, V | R | W | X | U | A | D)
    machine.hart.csrs["satp"] = tables.satp()
    assert run_to_trap(machine, 5) == 8
    assert run_to_trap(machine, 5) == 12
    trap = machine.hart.last_trap()
    assert (trap["epc"], trap["tval"], trap["from"], trap["to"]) == (0x4_0000, 0x4_0000, "S", "M")


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
def test_what_machine_mode_reached_at_boot_user_mode_does_not_reach(blocks):
    """Untranslated accesses of the mode that the hart starts in must not be taken for those of another."""
    machine = hl.Machine("256KiB", code=hl.asm("ld a0, 0(t0); sd a0, 0(t0); csrw mepc, t3; mret"))
    machine._engine.use_blocks = blocks
    tables = Tables(machine.memory.write, TABLES)
    tables.map(0x5000, RAM, V | R | X | U)
    tables.map(0x6000, RAM + 0x5000, V | R | X | U)
    machine.memory.write(RAM + 0x5000, words(LOAD, STORE))
    for target, cause in ((RAM, 12), (0x6000, 13), (0x6004, 15)):
        machine.hart.csrs["satp"], machine.hart.csrs["mtvec"] = tables.satp(), M_VECTOR
        machine.hart.x["t0"], machine.hart.x["t3"], machine.hart.x["x6"] = THERE, target, THERE
        machine.hart.csrs["mstatus"] = FS_DIRTY
        machine.hart.pc = RAM
        assert machine.run(4).reason == "budget"
        assert machine.hart.privilege == "U"
        assert run_to_trap(machine, 1) == cause


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "single"])
def test_run_from_elsewhere_after_a_trap_loop_is_an_ordinary_run(blocks):
    machine = board("nop; nop; ecall", csrs={"mtvec": 0}, blocks=blocks)
    assert machine.run(100).reason == "trap_loop"
    assert machine.run(100).reason == "trap_loop"
    machine.hart.pc = RAM
    result = machine.run(2)
    assert (result.reason, result.instructions) == ("budget", 2)
