"""Physical memory protection: modes of matching, priorities, locks, and what it is applied to. [priv 3.7]

Every access is held against a reference in Python that follows the text of the section.
"""

from __future__ import annotations

import random

import pytest

import hartlab as hl
from hart.boards import FS_DIRTY, RAM, A, D, R, Tables, U, V, W, X, board, run_to_trap
from oracles.encode import encode

PMP_R, PMP_W, PMP_X, TOR, NA4, NAPOT, LOCK = 1, 2, 4, 1 << 3, 2 << 3, 3 << 3, 1 << 7
RWX = PMP_R | PMP_W | PMP_X
THERE = RAM + 0x4000
ACCESS_FAULT = {"fetch": 1, "load": 5, "store": 7}
NEEDED = {"fetch": PMP_X, "load": PMP_R, "store": PMP_W}
MPRV = 1 << 17
EVERYTHING = (1 << 54) - 1


def napot(base: int, size: int) -> int:
    """pmpaddr for `size` bytes, a power of two from 8 on, at a multiple of `size`."""
    return base >> 2 | (size >> 3) - 1


def protected(machine: hl.Machine, entries: dict[int, tuple[int, int]]) -> hl.Machine:
    """Sets entries: number: (cfg, pmpaddr)."""
    for number, (_, address) in entries.items():
        machine.hart.csrs[f"pmpaddr{number}"] = address
    for register in (0, 2):
        value = 0
        for number, (cfg, _) in entries.items():
            if number // 8 == register // 2:
                value |= cfg << 8 * (number % 8)
        machine.hart.csrs[f"pmpcfg{register}"] = value
    return machine


def allowed(entries: dict[int, tuple[int, int]], first: int, size: int, access: str, mode: str) -> bool:
    """What the specification says of an access to `size` bytes."""
    addresses = [entries.get(n, (0, 0))[1] for n in range(16)]
    for number in range(16):
        cfg = entries.get(number, (0, 0))[0]
        match cfg & NAPOT:
            case 0x08:
                low, high = (addresses[number - 1] << 2 if number else 0), addresses[number] << 2
            case 0x10:
                low, high = addresses[number] << 2, (addresses[number] << 2) + 4
            case 0x18:
                ones = (addresses[number] ^ addresses[number] + 1).bit_length() - 1
                low = addresses[number] >> ones << ones + 2
                high = low + (8 << ones)
            case _:
                continue
        inside = [low <= byte < high for byte in range(first, first + size)]
        if not any(inside):
            continue
        if not all(inside):
            return False
        return bool(cfg & NEEDED[access]) or (mode == "M" and not cfg & LOCK)
    return mode == "M"


def outcome(machine: hl.Machine, va: int, size: int, access: str) -> bool:
    """Whether the access goes through; its fault has the right cause and address."""
    hart = machine.hart
    if access == "fetch":
        machine.memory.write(va, encode("addi").to_bytes(4, "little"))
        hart.pc = va
        reason = machine.run(1, until="trap").reason
    else:
        name = {1: "b", 2: "h", 4: "w", 8: "d"}[size]
        code = encode(f"l{name}", 5, 6) if access == "load" else encode(f"s{name}", rs1=6, rs2=7)
        machine.memory.write(RAM, code.to_bytes(4, "little"))
        hart.x[6], hart.pc = va, RAM
        reason = machine.run(1, until="trap").reason
    if reason != "trap":
        return True
    trap = hart.last_trap()
    assert trap["cause"] == ACCESS_FAULT[access]
    if access != "fetch":
        assert trap["tval"] == va
    return False


def at(mode: str, entries: dict[int, tuple[int, int]]) -> hl.Machine:
    """A machine whose code at RAM may always be executed, and with nops at THERE."""
    machine = board(pmp=True, privilege="M")
    machine.memory.write(THERE, encode("addi").to_bytes(4, "little") * 0x400)
    protected(machine, entries)
    machine.hart.privilege = mode
    return machine


@pytest.mark.parametrize("mode", "USM")
def test_without_an_entry_machine_mode_has_everything_and_the_others_nothing(mode: str) -> None:
    machine = board("addi a0, a0, 1", pmp=True, privilege=mode)
    assert run_to_trap(machine, 1) == (None if mode == "M" else 1)


@pytest.mark.parametrize("mode", "USM")
def test_random_entries_and_accesses_agree_with_the_specification(mode: str) -> None:
    rng = random.Random(f"pmp {mode}")
    code = {0: (NAPOT | RWX, napot(RAM, 0x1000))}  # of the instructions themselves
    for _ in range(60):
        entries = dict(code)
        for number in range(1, 6):
            address = THERE + 4 * rng.randrange(64)
            size = 8 << rng.randrange(6)
            kind = rng.choice([0, TOR, NA4, NAPOT])
            cfg = (
                kind
                | rng.choice([0, PMP_R, PMP_X, PMP_R | PMP_W, PMP_R | PMP_X, RWX])
                | rng.choice([0, 0, LOCK])
            )
            entries[number] = (cfg, napot(address & -size, size) if kind == NAPOT else address >> 2)
        if rng.random() < 0.5:
            entries[6] = (NAPOT | RWX, EVERYTHING)
        machine = at(mode, entries)
        for _ in range(40):
            size = rng.choice([1, 2, 4, 8])
            access = rng.choice(["fetch", "load", "store"])
            va = THERE + rng.randrange(0x100)
            if access == "fetch":
                va, size = va & ~3, 4
            expected = allowed(entries, va, size, access, mode)
            assert outcome(machine, va, size, access) == expected, (hex(va), size, access, entries)
            machine.hart.privilege = mode


def test_a_page_of_which_a_part_is_protected_is_checked_at_every_access() -> None:
    """Hits must not pass by the check: the allowed part of the page has just been used."""
    entries = {
        0: (NAPOT | RWX, napot(RAM, 0x1000)),
        1: (NA4, THERE + 0x800 >> 2),
        2: (NAPOT | RWX, EVERYTHING),
    }
    machine = at("S", entries)
    for _ in range(3):
        assert outcome(machine, THERE, 8, "load")
        assert outcome(machine, THERE, 8, "store")
        machine.hart.privilege = "S"
        for va, size in ((THERE + 0x800, 1), (THERE + 0x7FC, 8), (THERE + 0x803, 2)):
            assert not outcome(machine, va, size, "load")
            machine.hart.privilege = "S"
            assert not outcome(machine, va, size, "store")
            machine.hart.privilege = "S"
        assert outcome(machine, THERE + 0x804, 8, "load")


def test_an_entry_that_changes_is_seen_by_the_next_access() -> None:
    machine = at("M", {0: (NAPOT | RWX, EVERYTHING)})
    hart = machine.hart
    hart.privilege = "S"
    assert outcome(machine, THERE, 8, "load")
    hart.csrs["pmpcfg0"] = NAPOT | PMP_X
    assert not outcome(machine, THERE, 8, "load")
    hart.csrs["pmpcfg0"], hart.privilege = NAPOT | PMP_R | PMP_X, "S"
    assert outcome(machine, THERE, 8, "load")
    assert not outcome(machine, THERE, 8, "store")


def test_an_instruction_across_a_boundary_faults_at_its_second_half() -> None:
    """[priv 3.1.16]: mtval is the address of the portion that faulted."""
    machine = at("M", {0: (NAPOT | RWX, napot(RAM, 0x1000)), 1: (TOR | RWX, THERE + 8 >> 2)})
    machine.memory.write(THERE + 6, encode("addi", 5, 5, imm=1).to_bytes(4, "little"))
    machine.hart.privilege = "S"
    assert not outcome(machine, THERE + 6, 4, "fetch")
    trap = machine.hart.last_trap()
    assert (trap["epc"], trap["tval"]) == (THERE + 6, THERE + 8)


@pytest.mark.parametrize(("mpp", "granted"), [(0, False), (1, False), (3, True)])
def test_mprv_is_checked_as_the_mode_it_stands_for(mpp: int, granted: bool) -> None:
    machine = at("M", {0: (NAPOT | RWX, napot(RAM, 0x1000))})
    machine.hart.csrs["mstatus"] = FS_DIRTY | MPRV | mpp << 11
    assert outcome(machine, THERE, 8, "load") == granted


def test_a_walk_reads_tables_and_writes_their_bits_with_supervisor_rights() -> None:
    """[priv 3.7.1]: and its faults are those of the access that it was for."""
    for cfg, flags, access, granted in (
        (RWX, A | D, "load", True), (PMP_X, A | D, "load", False), (PMP_R, A | D, "store", True),
        (PMP_R, A, "store", False), (PMP_R, 0, "load", False), (PMP_R, A, "load", True),
        (0, A | D, "fetch", False),
    ):  # fmt: skip
        machine = board(pmp=True, memory="512KiB")
        tables = Tables(machine.memory.write, RAM + 0x1_0000)
        tables.map(RAM, RAM, V | R | W | X | U | A | D)
        tables.map(THERE, THERE, V | R | W | X | U | flags)
        machine.memory.write(THERE, encode("addi").to_bytes(4, "little"))
        protected(machine, {0: (NAPOT | cfg, napot(RAM + 0x1_0000, 0x1_0000)), 1: (NAPOT | RWX, EVERYTHING)})
        machine.hart.csrs["satp"] = tables.satp()
        machine.hart.privilege = "U"
        machine.hart.pc, machine.hart.x[6] = RAM, THERE
        if access == "fetch" or not cfg & PMP_R:
            assert run_to_trap(machine, 1) == 1  # the code's own page is behind the same tables
            continue
        assert outcome(machine, THERE, 8, access) == granted, (cfg, flags, access)


def test_atomics_need_both_rights_and_fault_as_stores() -> None:
    for cfg, cause in ((PMP_R | PMP_W, None), (PMP_R, 7), (PMP_X, 7)):
        machine = at("M", {0: (NAPOT | RWX, napot(RAM, 0x1000)), 1: (NAPOT | cfg, napot(THERE, 0x1000))})
        machine.memory.write(RAM, hl.asm("amoadd.w a0, a1, (a2)"))
        machine.hart.privilege, machine.hart.pc, machine.hart.x["a2"] = "S", RAM, THERE
        assert run_to_trap(machine, 1) == cause


def test_registers_keep_what_their_fields_hold() -> None:
    csrs = board(pmp=True).hart.csrs
    csrs["pmpaddr0"] = 2**64 - 1
    assert csrs["pmpaddr0"] == EVERYTHING
    csrs["pmpcfg0"] = 0x0000_0000_0000_7F62
    assert csrs["pmpcfg0"] == 0x1F00  # reserved bits are zero, and W without R is neither
    for absent in ("pmpaddr16", "pmpaddr63", "pmpcfg4", "pmpcfg14"):
        csrs[absent] = 2**64 - 1
        assert csrs[absent] == 0


def test_a_locked_entry_keeps_its_registers_and_the_address_below_its_range() -> None:
    csrs = board(pmp=True).hart.csrs
    csrs["pmpaddr1"], csrs["pmpaddr2"], csrs["pmpaddr3"] = 100, 200, 300
    csrs["pmpcfg0"] = (TOR | LOCK | RWX) << 16
    for name in ("pmpaddr1", "pmpaddr2", "pmpaddr3"):
        csrs[name] = 7
    assert (csrs["pmpaddr1"], csrs["pmpaddr2"], csrs["pmpaddr3"]) == (100, 200, 7)
    csrs["pmpcfg0"] = 0x1F1F_1F1F
    assert csrs["pmpcfg0"] == 0x1F8F_1F1F


def test_a_machine_without_entries_protects_nothing_and_says_so() -> None:
    machine = board("addi a0, a0, 1", pmp=False, privilege="S")
    assert run_to_trap(machine, 1) is None
    machine.hart.csrs["pmpaddr0"] = machine.hart.csrs["pmpcfg0"] = 2**64 - 1
    assert (machine.hart.csrs["pmpaddr0"], machine.hart.csrs["pmpcfg0"]) == (0, 0)
