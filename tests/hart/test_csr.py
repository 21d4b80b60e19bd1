"""Control and status registers: which exist, who may reach them, and what a write leaves of each field.

The fields are the table of ``csr_fields``. [priv 2, 3.1, 4.1; unpriv 9, 10, 11.2]
"""

from __future__ import annotations

import random

import pytest

import hartlab as hl
from hart import csr_fields
from hart.boards import FS_DIRTY, RAM, board, run_to_trap, words

M64 = 2**64 - 1
ILLEGAL = 2
SD = 1 << 63
STCE = 1 << 63
STIMECMP, TINFO = 0x14D, 0x7A4


def csr(funct3: int, number: int, rd: int = 0, rs1: int = 0) -> int:
    return 0x73 | funct3 << 12 | number << 20 | rd << 7 | rs1 << 15


def read(number: int) -> int:
    return csr(2, number, rd=5)


def write(number: int) -> int:
    return csr(1, number, rs1=6)


NUMBERS = hl._engine.csrs()

COUNTERS = {"cycle": 0, "time": 1, "instret": 2, "hpmcounter3": 3, "hpmcounter31": 31}
FAMILIES = {"hpmcounter": 0xC00, "mhpmcounter": 0xB00, "mhpmevent": 0x320, "pmpcfg": 0x3A0, "pmpaddr": 0x3B0}


def number_of(name: str) -> int:
    stem = name.rstrip("0123456789")
    if name in NUMBERS:
        return NUMBERS[name]
    return FAMILIES[stem] + int(name[len(stem) :])


def exists(machine: hl.Machine, number: int) -> bool:
    return machine._engine.read_csr(number) is not None


def test_every_bit_of_every_register_there_could_be_is_in_one_row_of_the_table():
    machine = board(memory="16KiB", pmp=True)
    there = {number_of(name) for name in csr_fields.REGISTERS}
    assert there == {number for number in range(4096) if exists(machine, number)}
    assert {number_of(name) for name in csr_fields.ABSENT} == {*NUMBERS.values()} - there
    for name in csr_fields.REGISTERS:
        at = 0
        for field in csr_fields.rows(name):
            assert field.low == at, f"{name} from bit {at} to {field.low}"
            assert field.section
            at = field.high + 1
        assert at == 64, name


@pytest.mark.parametrize("name", csr_fields.REGISTERS)
def test_fields_after_reset(name):
    csrs = hl.Machine("2MiB", kernel=hl.asm("loop: j loop")).hart.csrs
    if name in ("fflags", "frm", "fcsr"):  # which are there when FS is on
        csrs["mstatus"] = FS_DIRTY
    value = csrs[number_of(name)]
    for field in csr_fields.rows(name):
        if field.reset is not None:
            found = (value & field.mask) >> field.low
            assert found == field.reset, f"{name}.{field.name} is {found:#x} [{field.section}]"


# What S-mode needs for its registers to be as they are from M-mode.
GRANTED = {"mideleg": 0x222, "mcounteren": 7}
FROM_SUPERVISOR = [n for n in csr_fields.REGISTERS if number_of(n) >> 8 == 1 and n != "satp"]
WRITTEN = [n for n in csr_fields.REGISTERS if number_of(n) >> 10 != 3]
SPECIAL = [
    0,
    M64,
    1,
    2,
    3,
    2 << 11,
    3 << 11,
    2 << 11 | 2,
    8 << 60,
    9 << 60,
    10 << 60,
    8 << 60 | 0x123,
    0x1F1F,
]
HOW = {1: lambda value, old: value, 2: lambda value, old: old | value, 3: lambda value, old: old & ~value}


@pytest.mark.parametrize(("name", "mode"), [(n, "M") for n in WRITTEN] + [(n, "S") for n in FROM_SUPERVISOR])
def test_write_leaves_of_each_field_what_its_row_says(name, mode):
    number, rng = number_of(name), random.Random(name)
    status = NUMBERS["mstatus"]
    sstc = {"menvcfg": STCE} if name == "stimecmp" else {}
    machine = board(memory="16KiB", pmp=name.startswith("pmp"), csrs=GRANTED | sstc)
    engine = machine._engine
    for value in SPECIAL + [rng.getrandbits(64) for _ in range(40)] + [1 << bit for bit in range(64)]:
        how = 1 if name in ("mcycle", "minstret") else rng.choice([1, 1, 2, 3])  # those go on in between
        engine.privilege = 3
        if name != "mstatus":
            engine.write_csr(status, FS_DIRTY | (value & 0x1_8000 if name == "sstatus" else 0))
        old = engine.read_csr(number)
        machine.memory.write(RAM, words(csr(how, number, rs1=6), read(number)))
        engine.set_x(6, value)
        engine.pc, engine.privilege = RAM, "US?M".index(mode)
        assert engine.run(2, True)[0] == "budget"
        expected = csr_fields.written(name, HOW[how](value, old) % 2**64, old)
        wrong = [
            f"{name}.{field.name} [{field.section}]"
            for field in csr_fields.rows(name)
            if (engine.x()[5] ^ expected) & field.mask
        ]
        assert not wrong, f"{value:#x} over {old:#x} by {how}: {wrong}, {engine.x()[5]:#x}"


@pytest.mark.parametrize("name", [n for n in csr_fields.REGISTERS if number_of(n) >> 10 == 3])
def test_read_only_register_traps_on_every_write(name):
    number = number_of(name)
    for word in (
        csr(1, number),
        csr(5, number),
        csr(2, number, rs1=6),
        csr(6, number, rs1=1),
        csr(3, number, rs1=6),
    ):
        machine = board(words(word), memory="16KiB")
        assert run_to_trap(machine, 1) == ILLEGAL
        assert machine.hart.last_trap()["tval"] == word
    assert run_to_trap(board(words(read(number)), memory="16KiB"), 1) is None


def test_rights_follow_the_number_for_every_register_there_could_be():
    """Bits 9-8 are the lowest privilege, bits 11-10 say read-only; what is absent is illegal everywhere."""
    machine = board(memory="16KiB")
    machine.hart.csrs["mcounteren"] = machine.hart.csrs["scounteren"] = 0xFFFF_FFFF
    engine = machine._engine
    for number in range(4096):
        exists = engine.read_csr(number) is not None
        engine.ram_write(RAM, words(read(number)))
        for level, mode in enumerate("US?M"):
            if mode == "?":
                continue
            engine.privilege, engine.pc = level, RAM
            reason, _ = engine.run(1, True)
            needs_sstc = number == STIMECMP and mode != "M"  # menvcfg.STCE is clear
            allowed = exists and level >= number >> 8 & 3 and not needs_sstc
            assert reason == ("budget" if allowed else "trap"), f"CSR {number:#x} from {mode}"
            if not allowed:
                assert engine.last_trap[:3] == (ILLEGAL, read(number), RAM)
        if exists:
            engine.privilege = 3
            assert (number >> 10 == 3) == (not engine.write_csr(number, engine.read_csr(number)))
            engine.write_csr(NUMBERS["mstatus"], FS_DIRTY)


@pytest.mark.parametrize("name", sorted(COUNTERS))
@pytest.mark.parametrize("mode", "USM")
def test_counter_is_readable_as_the_enable_registers_say(name, mode):
    bit = 1 << COUNTERS[name]
    for mcounteren in (0, bit, ~bit & 0xFFFF_FFFF):
        for scounteren in (0, bit, ~bit & 0xFFFF_FFFF):
            machine = board(words(read(number_of(name))), memory="16KiB")
            machine.hart.csrs["mcounteren"], machine.hart.csrs["scounteren"] = mcounteren, scounteren
            machine.hart.privilege = mode
            allowed = mode == "M" or (mcounteren & bit and (mode == "S" or scounteren & bit))
            assert run_to_trap(machine, 1) == (None if allowed else ILLEGAL)


def test_sstatus_sie_and_sip_are_windows_on_the_machine_registers():
    machine = board(memory="16KiB")
    csrs = machine.hart.csrs
    csrs["mstatus"] = M64 & ~(2 << 11)
    before = csrs["mstatus"]
    csrs["sstatus"] = 0
    assert csrs["mstatus"] == before & ~(1 << 1 | 1 << 5 | 1 << 8 | 3 << 13 | 1 << 18 | 1 << 19 | SD)
    csrs["mie"], csrs["mideleg"] = 0xAAA, 0x020
    assert csrs["sie"] == 0x020
    csrs["sie"] = 0
    assert csrs["mie"] == 0xA8A
    csrs["mip"], csrs["mideleg"] = 0x222, 0x222
    assert csrs["sip"] == 0x222
    csrs["sip"] = 0
    assert csrs["mip"] == 0x220  # S-mode clears its software interrupt alone
    csrs["mideleg"] = 0
    csrs["sip"] = 2
    assert (csrs["sip"], csrs["mip"]) == (0, 0x220)


def test_fcsr_is_frm_and_fflags_and_needs_fs():
    machine = board(memory="16KiB")
    csrs = machine.hart.csrs
    csrs["fcsr"] = 0b101_10011
    assert (csrs["frm"], csrs["fflags"]) == (0b101, 0b10011)
    csrs["frm"], csrs["fflags"] = 1, 2
    assert csrs["fcsr"] == 0b001_00010
    for number in (1, 2, 3):
        machine = board(words(read(number)), memory="16KiB", csrs={"mstatus": 0})
        assert run_to_trap(machine, 1) == ILLEGAL


def test_writing_fcsr_makes_fs_dirty():
    for name in ("fflags", "frm", "fcsr"):
        machine = board(words(write(number_of(name))), memory="16KiB", csrs={"mstatus": 1 << 13})
        assert not machine.hart.csrs["mstatus"] & SD
        machine.run(1)
        assert machine.hart.csrs["mstatus"] & (SD | FS_DIRTY) == SD | FS_DIRTY


@pytest.mark.parametrize("text", ["fadd.d f1, f2, f3", "flw f1, 0(sp)", "fmv.d.x f1, a0", "flt.d a0, f4, f4"])
def test_instruction_that_changes_floating_point_state_makes_fs_dirty(text):
    signaling_nan = 0x7FF4 << 48
    machine = board(
        text, memory="16KiB", csrs={"mstatus": 1 << 13}, x={"sp": RAM + 0x800}, f={4: signaling_nan}
    )
    assert not machine.hart.csrs["mstatus"] & SD
    machine.run(1)
    assert machine.hart.csrs["mstatus"] & SD


def test_tvm_keeps_supervisor_mode_from_satp():
    satp, tvm = NUMBERS["satp"], 1 << 20
    for word in (read(satp), write(satp)):
        for mode, cause in (("S", ILLEGAL), ("M", None)):
            machine = board(words(word), memory="16KiB", csrs={"mstatus": FS_DIRTY | tvm}, privilege=mode)
            assert run_to_trap(machine, 1) == cause


def test_counters_count_retired_instructions_exactly():
    text = "csrr a0, minstret; nop; nop; csrr a1, minstret; csrr a2, mcycle; csrr a3, time"
    for blocks in (True, False):
        machine = board("nop; " + text, memory="16KiB", blocks=blocks)
        machine.run(7)
        x = machine.hart.x
        assert (x.a0, x.a1, x.a2, x.a3) == (1, 4, 5, 6)
        assert machine.hart.instructions == 7


def test_counter_does_not_count_the_instruction_that_writes_it():
    machine = board(
        "csrw minstret, t0; csrr a0, minstret; csrw mcycle, t0; nop; csrr a1, mcycle", x={"t0": 100}
    )
    machine.run(5)
    assert (machine.hart.x.a0, machine.hart.x.a1) == (100, 101)
    machine.hart.csrs["minstret"] = 500
    assert machine.hart.csrs["minstret"] == 500


def test_inhibited_counter_stands_still_and_goes_on_from_there():
    machine = board("csrw mcountinhibit, t0; nop; nop; csrr a0, minstret; csrr a1, mcycle;"
                    "csrw mcountinhibit, x0;"
                    "nop; csrr a2, minstret; csrr a3, mcycle", x={"t0": 4})  # fmt: skip
    machine.run(9)
    x = machine.hart.x
    assert x.a0 <= 1
    assert x.a1 == 4
    assert x.a2 - x.a0 in (1, 2)
    assert x.a3 == 8


def test_traps_and_faulting_instructions_are_not_counted():
    machine = board("nop; ecall", csrs={"mtvec": RAM + 0x100})
    machine.memory.write(RAM + 0x100, hl.asm("csrr a0, minstret"))
    machine.run(2)
    assert machine.hart.x.a0 == 1


def test_time_is_ticks_of_the_virtual_clock():
    machine = board("nop; " * 25 + "csrr a0, time", memory="16KiB", instructions_per_tick=10)
    machine.run(26)
    assert machine.hart.x.a0 == 2


def test_there_are_no_debug_triggers_and_software_can_tell():
    """Whatever is selected, type 0 says that no trigger is there, and so does tinfo [debug 5.7.1, 5.7.7]."""
    machine = board("csrw tselect, t1; csrr a0, tselect; csrr a1, tdata1; csrr a2, tdata2", x={"t1": 1})
    machine.run(4)
    assert (machine.hart.x.a0, machine.hart.x.a1, machine.hart.x.a2) == (0, 0, 0)
    assert machine.hart.csrs[TINFO] == 1


@pytest.mark.parametrize("mode", "USM")
@pytest.mark.parametrize("stce", [False, True])
@pytest.mark.parametrize("tm", [False, True])
def test_stimecmp_is_there_for_supervisor_mode_as_stce_and_tm_say(mode, stce, tm):
    """[Sstc 2.1, 2.2]"""
    machine = board(words(write(STIMECMP), read(STIMECMP)), memory="16KiB", x={6: 1234})
    machine.hart.csrs["menvcfg"], machine.hart.csrs["mcounteren"] = STCE * stce, 2 * tm
    machine.hart.privilege = mode
    allowed = mode == "M" or (mode == "S" and stce and tm)
    assert run_to_trap(machine, 2) == (None if allowed else ILLEGAL)
    if allowed:
        assert machine.hart.x[5] == 1234


def test_sstc_drives_stip_from_the_clock_and_nothing_else_does():
    """[Sstc 2.1.1]"""
    machine = board("nop; " * 40, memory="16KiB")
    csrs = machine.hart.csrs
    csrs["mip"] = 1 << 5
    assert csrs["mip"] == 1 << 5  # without Sstc M-mode writes it
    csrs["stimecmp"], csrs["menvcfg"] = 20, STCE
    assert csrs["mip"] == 0
    csrs["mip"] = 1 << 5
    assert csrs["mip"] == 0
    machine.run(20)
    assert csrs["mip"] == 1 << 5
    csrs["stimecmp"] = 30
    assert csrs["mip"] == 0
    csrs["menvcfg"] = 0
    csrs["mip"] = 1 << 5
    assert csrs["mip"] == 1 << 5


def test_supervisor_timer_interrupts_at_its_tick_and_wakes_from_wfi():
    machine = board("wfi", at=RAM, privilege="M", csrs={"stvec": RAM + 0x100, "mideleg": 0x222})
    csrs = machine.hart.csrs
    csrs["menvcfg"], csrs["stimecmp"], csrs["mie"], csrs["mstatus"] = STCE, 5000, 1 << 5, FS_DIRTY | 2
    machine.hart.privilege = "S"
    result = machine.run(100, until="trap")
    assert (result.reason, machine.hart.time) == ("trap", 5000)
    assert (csrs["scause"], csrs["sepc"]) == (1 << 63 | 5, RAM + 4)


def test_seip_is_what_was_written_or_the_line_and_set_bits_leave_the_line_out():
    """csrrs writes back the software bit alone, so a pending line does not stick [priv 3.1.9]."""
    plic, uart = 0x0C00_0000, 0x1000_0000
    enable = (
        f"li t0, {plic + 4 * 10}; li t1, 1; sw t1, 0(t0); li t0, {plic + 0x2080}; li t1, 1024; sw t1, 0(t0);"
        f"li t0, {uart}; li t1, 1; sb t1, 1(t0); csrr a0, mip; csrrsi a1, mip, 2; lb t2, 0(t0); "
        f"li t0, {plic + 0x20_1004}; lw t2, 0(t0); csrr a2, mip; "  # a request stays until it is claimed
        "wfi"
    )
    machine = board(enable)
    machine.console.send("x")
    machine.run(100)
    x = machine.hart.x
    assert (x.a0, x.a1, x.a2) == (0x200, 0x200, 0x002)
    machine.hart.csrs["mip"] = 0x200
    assert machine.hart.csrs["mip"] == 0x200
