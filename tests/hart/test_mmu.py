"""Sv39 on random page tables, held against an oracle that follows the privileged spec step by step. [priv
4.3, 4.4]

Each access is a real instruction of the hart. ``HARTLAB_RANDOM_PROGRAMS`` makes the random part longer.
"""

from __future__ import annotations

import os
import random
import struct

import pytest

import hartlab as hl
from hart.boards import (
    ECALL,
    FS_DIRTY,
    INTERRUPT,
    RAM,
    A,
    D,
    G,
    R,
    Tables,
    U,
    V,
    W,
    X,
    board,
    run_to_trap,
    words,
)
from oracles import sv39
from oracles.encode import encode

SIZE = 4 << 20
TABLES, TABLE_COUNT = RAM + 0x10_0000, 24
CODE = RAM + 0x1000
SUM, MXR, MPRV, MPP_SHIFT = 1 << 18, 1 << 19, 1 << 17, 11
SEED = int(os.environ.get("HARTLAB_SEED", "0"))
ROUNDS = int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120"))
LOAD, STORE = encode("lbu", 5, 6), encode("sb", rs1=6, rs2=7)


class Random:
    """Page tables whose entries are valid pointers, leaves, and everything that can be wrong with either."""

    def __init__(self, rng: random.Random, machine: hl.Machine) -> None:
        self.rng = rng
        self.machine = machine
        self.tables = [TABLES + 0x1000 * n for n in range(TABLE_COUNT)]
        self.root = self.tables[0]
        machine.memory.write(TABLES, self.contents())

    def contents(self) -> bytes:
        # Level 2 in table 0, level 1 in the next few, so that walks get somewhere; entries only in a few
        # slots.
        raw = bytearray(0x1000 * TABLE_COUNT)
        for table in range(TABLE_COUNT):
            level = 2 if table == 0 else 1 if table < 7 else 0
            for slot in SLOTS:
                struct.pack_into("<Q", raw, 0x1000 * table + 8 * slot, self.pte(level))
        return bytes(raw)

    def pte(self, level: int) -> int:
        rng = self.rng
        pick = rng.random()
        if pick < 0.05:
            return 0
        if pick < (0.8 if level else 0.1):
            pte = self.pointer(level)
        else:
            pte = self.leaf(level)
        if rng.random() < 0.05:
            pte |= 1 << rng.randrange(54, 64)
        return pte ^ V if rng.random() < 0.03 else pte

    def pointer(self, level: int) -> int:
        rng = self.rng
        tables = self.tables[1:7] if level == 2 else self.tables[7:]
        target = rng.choice(tables)
        if rng.random() < 0.05:
            target = rng.choice([0, 0x2000, RAM - 0x1000, RAM + SIZE, (2**44 - 1) << 12, 0x0200_0000])
        flags = V | rng.choice([0, 0, 0, 0, 0, 0, A, D, U, G, 1 << 8, 1 << 9])
        return target >> 12 << 10 | flags

    def leaf(self, level: int) -> int:
        rng = self.rng
        span = 1 << 12 + 9 * level
        pa = (RAM + rng.randrange(SIZE)) // span * span
        if level and rng.random() < 0.2:
            pa += 0x1000 << rng.randrange(9)
        if rng.random() < 0.05:
            pa = rng.choice([0, 0x1000, (2**44 - 1) << 12])
        flags = rng.choice([R, R | W, R | X, X, W, W | X] + 4 * [R | W | X])
        return (
            pa >> 12 << 10
            | V
            | flags
            | rng.choice([0, U])
            | rng.choice([0, A, A | D, D])
            | rng.choice([0, G])
        )

    def address(self) -> int:
        rng = self.rng
        vpn = [rng.choice(SLOTS) for _ in range(3)]
        va = vpn[2] << 30 | vpn[1] << 21 | vpn[0] << 12 | rng.randrange(4096)
        if va >> 38 & 1:
            va |= -1 << 39
        if rng.random() < 0.05:
            va ^= 1 << rng.randrange(39, 64)
        return va % 2**64

    def read(self, pa: int) -> int | None:
        return self.machine.memory.load(pa) if RAM <= pa <= RAM + SIZE - 8 else None


SLOTS = [0, 1, 2, 5, 255, 256, 300, 511]


def rights_of(machine: hl.Machine, rng: random.Random, hardware_ad: bool) -> sv39.Rights:
    """Sets MPRV, MPP, SUM and MXR at random, and says what they mean for loads and stores from M-mode."""
    privilege = rng.choice("US")
    use_sum, use_mxr = rng.random() < 0.5, rng.random() < 0.5
    mstatus = MPRV | ("US".index(privilege) << MPP_SHIFT) | (SUM if use_sum else 0) | (MXR if use_mxr else 0)
    machine.hart.csrs["mstatus"] = FS_DIRTY | mstatus
    return sv39.Rights(privilege, use_sum, use_mxr, hardware_ad)


def check_data_access(machine: hl.Machine, tables: Random, rights: sv39.Rights, va: int, access: str) -> None:
    expected = sv39.translate(tables.root, va, access, rights, tables.read)
    in_ram = expected.pa is not None and RAM <= expected.pa < RAM + SIZE
    what = f"{access} of {va:#x} with {rights}: {expected}"
    if expected.update:
        pte_address, new = expected.update
    else:
        pte_address, new = RAM, machine.memory.load(RAM)
    old_byte = machine.memory.read(expected.pa, 1)[0] if in_ram else 0
    machine.hart.pc = CODE if access == "load" else CODE + 4
    machine.hart.x[6], machine.hart.x[7], machine.hart.x[5] = va, old_byte ^ 0x5A, 0x111
    result = machine.run(1, until="trap")
    if expected.pa is not None and in_ram:
        assert result.reason == "budget", f"{what}; {result}"
        got = machine.hart.x[5] if access == "load" else machine.memory.read(expected.pa, 1)[0]
        touched_pte = pte_address <= expected.pa < pte_address + 8
        if not touched_pte:
            assert got == (old_byte if access == "load" else old_byte ^ 0x5A), what
            assert machine.memory.load(pte_address) == new, what
    else:
        cause = expected.cause or sv39.ACCESS_FAULT[access]
        trap = machine.hart.last_trap()
        assert result.reason == "trap", what
        assert (trap["cause"], trap["tval"]) == (cause, va), f"{what}; {trap}"
        assert machine.hart.x[5] == 0x111, what


@pytest.mark.parametrize("hardware_ad", [True, False], ids=["svadu", "svade"])
@pytest.mark.parametrize("seed", range(4))
def test_data_accesses_agree_with_the_oracle_on_random_tables(seed, hardware_ad):
    rng = random.Random(f"{SEED + seed} {hardware_ad}")
    machine = board(words(LOAD, STORE), at=CODE, memory=SIZE, hardware_ad=hardware_ad)
    for _ in range(max(1, ROUNDS // 30)):
        tables = Random(rng, machine)
        machine.hart.csrs["satp"] = 8 << 60 | rng.getrandbits(16) << 44 | tables.root >> 12
        for _ in range(150):
            machine.hart.tlb.flush()
            rights = rights_of(machine, rng, hardware_ad)
            check_data_access(machine, tables, rights, tables.address(), rng.choice(["load", "store"]))
            machine.memory.write(CODE, words(LOAD, STORE))  # a store may have hit it


@pytest.mark.parametrize("hardware_ad", [True, False], ids=["svadu", "svade"])
@pytest.mark.parametrize("privilege", ["U", "S"])
def test_fetches_agree_with_the_oracle_on_random_tables(privilege, hardware_ad):
    rng = random.Random(f"{SEED} {privilege} {hardware_ad}")
    machine = board(memory=SIZE, hardware_ad=hardware_ad)
    for _ in range(max(1, ROUNDS // 30)):
        tables = Random(rng, machine)
        machine.hart.csrs["satp"] = 8 << 60 | tables.root >> 12
        for _ in range(150):
            machine.hart.tlb.flush()
            use_sum, use_mxr = rng.random() < 0.5, rng.random() < 0.5
            machine.hart.csrs["mstatus"] = FS_DIRTY | (SUM if use_sum else 0) | (MXR if use_mxr else 0)
            rights = sv39.Rights(privilege, use_sum, use_mxr, hardware_ad)
            va = tables.address() & ~3
            check_fetch(machine, tables, rights, va)


def check_fetch(machine: hl.Machine, tables: Random, rights: sv39.Rights, va: int) -> None:
    expected = sv39.translate(tables.root, va, "fetch", rights, tables.read)
    what = f"fetch of {va:#x} with {rights}: {expected}"
    in_ram = expected.pa is not None and RAM <= expected.pa <= RAM + SIZE - 4
    in_tables = in_ram and TABLES <= expected.pa < TABLES + 0x1000 * TABLE_COUNT
    if in_tables:
        return  # an instruction put there would change the tables
    if in_ram:
        machine.memory.write(expected.pa, words(ECALL))
    machine.hart.privilege = rights.privilege
    machine.hart.pc = va
    machine.run(1, until="trap")
    trap = machine.hart.last_trap()
    if in_ram:
        assert (trap["cause"], trap["epc"]) == (8 if rights.privilege == "U" else 9, va), f"{what}; {trap}"
        if expected.update:
            assert machine.memory.load(expected.update[0]) == expected.update[1], what
    else:
        cause = expected.cause or sv39.ACCESS_FAULT["fetch"]
        assert (trap["cause"], trap["tval"], trap["epc"]) == (cause, va, va), f"{what}; {trap}"
    machine.hart.privilege = "M"


def test_peek_and_walk_agree_with_the_oracle_and_change_nothing():
    rng = random.Random(SEED)
    machine = board(memory=SIZE)
    for _ in range(max(1, ROUNDS // 20)):
        tables = Random(rng, machine)
        machine.hart.csrs["satp"] = 8 << 60 | tables.root >> 12
        before = machine.memory.read(TABLES, 0x1000 * TABLE_COUNT)
        for _ in range(100):
            va, access = tables.address(), rng.choice(["load", "store", "fetch"])
            privilege = rng.choice("US")
            rights = sv39.Rights(privilege, rng.random() < 0.5, rng.random() < 0.5)
            expected = sv39.translate(tables.root, va, access, rights, tables.read)
            rows, _, pa, cause = machine._engine.walk_page_table(
                tables.root, va, access, "US".index(privilege), rights.sum, rights.mxr, True
            )
            assert (pa, cause) == (expected.pa, expected.cause), f"{access} {va:#x} {rights}"
            assert len(rows) <= 3
        assert machine.memory.read(TABLES, 0x1000 * TABLE_COUNT) == before


# -- what the random part may miss, one at a time ------------------------------------------------------------


def small(
    flags: int, *, va: int = 0x1000, pa: int = RAM + 0x3000, level: int = 0, **options
) -> tuple[hl.Machine, int]:
    """A machine with one leaf, and the address of its PTE."""
    machine = board(words(LOAD, STORE), at=CODE, memory=SIZE, **options)
    tables = Tables(machine.memory.write, TABLES)
    pte = tables.map(va, pa, flags, level)
    machine.hart.csrs["satp"] = tables.satp()
    machine.hart.csrs["mstatus"] = FS_DIRTY | MPRV
    return machine, pte


def access(machine: hl.Machine, kind: str, va: int, mstatus: int = FS_DIRTY | MPRV) -> tuple[int, int] | None:
    """Executes it, by default with MPP = U; the cause and tval, or None when it went through."""
    machine.hart.csrs["mstatus"] = mstatus
    machine.hart.pc = CODE if kind == "load" else CODE + 4
    machine.hart.x[6] = va
    cause = run_to_trap(machine, 1)
    return None if cause is None else (cause, machine.hart.last_trap()["tval"])


@pytest.mark.parametrize(
    ("flags", "load", "store"),
    [
        (V | R | U, None, 15),
        (V | R | W | U, None, None),
        (V | X | U, 13, 15),
        (V | R | W, 13, 15),
        (V | W | U, 13, 15),
        (V | U, 13, 15),
        (R | W | U, 13, 15),
        (V | R | W | U | 1 << 63, 13, 15),
        (V | R | W | U | 1 << 61, 13, 15),
        (V | R | W | U | 1 << 54, 13, 15),
        (V | R | W | U | 3 << 8, None, None),
    ],
)
def test_leaf_flags_decide_loads_and_stores_of_user_mode(flags, load, store):
    for kind, cause in (("load", load), ("store", store)):
        machine, _ = small(flags)
        assert access(machine, kind, 0x1234) == (None if cause is None else (cause, 0x1234))


def test_hardware_sets_a_on_a_load_and_d_only_on_a_store():
    machine, pte = small(V | R | W | U)
    assert access(machine, "load", 0x1000) is None
    assert machine.memory.load(pte) & 0xFF == V | R | W | U | A
    assert access(machine, "store", 0x1000) is None  # the TLB holds the page already, without D
    assert machine.memory.load(pte) & 0xFF == V | R | W | U | A | D


def test_svade_faults_instead_and_leaves_the_pte_alone():
    for flags, kind, cause in ((0, "load", 13), (A, "store", 15), (D, "load", 13), (D, "store", 15)):
        machine, pte = small(V | R | W | U | flags, hardware_ad=False)
        assert access(machine, kind, 0x1008) == (cause, 0x1008)
        assert machine.memory.load(pte) & 0xFF == V | R | W | U | flags
    machine, _ = small(V | R | W | U | A, hardware_ad=False)
    assert access(machine, "load", 0x1008) is None


def test_faulting_store_sets_neither_a_nor_d():
    machine, pte = small(V | R | U)
    assert access(machine, "store", 0x1000) == (15, 0x1000)
    assert machine.memory.load(pte) & (A | D) == 0


@pytest.mark.parametrize("level", [1, 2])
def test_superpage_maps_its_whole_range_and_a_misaligned_one_faults(level):
    span = 1 << 12 + 9 * level
    base = RAM // (1 << 30) * (1 << 30)
    machine, _ = small(V | R | W | U, va=span, pa=base, level=level)
    machine.memory.write(RAM + 0x1F_FFFF, b"\x77")
    assert access(machine, "load", span + (RAM - base) + 0x1F_FFFF) is None
    assert machine.hart.x[5] == 0x77
    for bit in range(12, 12 + 9 * level):
        machine, _ = small(V | R | W | U, va=span, pa=base | 1 << bit, level=level)
        assert access(machine, "load", span) == (13, span)


@pytest.mark.parametrize(
    "va", [1 << 38, 1 << 39, 1 << 63, 2**64 - (1 << 38) - 1, 0x1000 | 1 << 40, 0x1000 | 0xFFFF << 48]
)
def test_non_canonical_address_faults_even_when_its_low_bits_are_mapped(va):
    machine, _ = small(V | R | W | U)
    assert access(machine, "load", va) == (13, va)
    assert access(machine, "load", 0x1000) is None
    assert access(machine, "load", va) == (13, va)  # not even with the TLB warm
    assert access(machine, "store", va) == (15, va)


def test_upper_half_is_mapped_through_the_upper_half_of_the_root():
    top = 2**64 - 4096
    machine, _ = small(V | R | W | U, va=top & 2**39 - 1)
    assert access(machine, "load", top + 4095) is None
    assert access(machine, "load", top & 2**39 - 1) == (13, top & 2**39 - 1)


def test_table_outside_ram_is_an_access_fault_of_the_original_access():
    machine, _ = small(V | R | W | U)
    for bad in (0, 0x0200_0000, RAM + SIZE, (2**44 - 1) << 12):
        machine.memory.write(TABLES + 8, struct.pack("<Q", bad >> 12 << 10 | V))
        va = 1 << 30
        assert access(machine, "load", va) == (5, va)
        assert access(machine, "store", va) == (7, va)
    machine.hart.csrs["satp"] = 8 << 60 | 5
    assert access(machine, "load", 0x1000) == (5, 0x1000)
    machine.hart.privilege = "U"
    machine.hart.pc = 0x1000
    assert run_to_trap(machine, 1) == 1
    assert machine.hart.last_trap()["tval"] == 0x1000


def test_leaf_that_points_outside_memory_is_an_access_fault_and_sets_a():
    machine, pte = small(V | R | W | U, pa=0x1000)
    assert access(machine, "load", 0x1008) == (5, 0x1008)
    assert access(machine, "store", 0x1008) == (7, 0x1008)
    assert machine.memory.load(pte) & A


def test_unsupported_mode_leaves_all_of_satp_unchanged():
    machine = board(memory=SIZE)
    machine.hart.csrs["satp"] = 8 << 60 | 7 << 44 | 0x80123
    for mode in [*range(1, 8), *range(9, 16)]:
        machine.hart.csrs["satp"] = mode << 60 | 9 << 44 | 0x456
        assert machine.hart.csrs["satp"] == 8 << 60 | 7 << 44 | 0x80123
    machine.hart.csrs["satp"] = 0
    assert machine.hart.csrs["satp"] == 0


def test_machine_mode_and_bare_mode_do_not_translate():
    machine, _ = small(V | R | W | U)
    assert access(machine, "load", RAM, FS_DIRTY) is None
    assert access(machine, "load", RAM, FS_DIRTY | MPRV | 3 << MPP_SHIFT) is None
    assert access(machine, "load", RAM, FS_DIRTY | MPRV) == (13, RAM)
    machine.hart.csrs["satp"] = 0
    assert access(machine, "load", RAM, FS_DIRTY | MPRV) is None


def test_mprv_leaves_fetches_alone():
    machine, _ = small(V | R | W | U)
    machine.hart.x[6] = 0x1000
    assert machine.run(1).reason == "budget"  # the load at CODE is fetched at its physical address


def test_fetch_across_pages_faults_at_the_second_page():
    machine = board(memory=SIZE)
    tables = Tables(machine.memory.write, TABLES)
    tables.map(0x1000, RAM + 0x3000, V | R | X | U)
    machine.hart.csrs["satp"] = tables.satp()
    machine.memory.write(RAM + 0x3FFE, words(encode("addi", 5, imm=3))[:2])
    machine.hart.privilege, machine.hart.pc = "U", 0x1FFE
    assert run_to_trap(machine, 1) == 12
    trap = machine.hart.last_trap()
    assert (trap["epc"], trap["tval"]) == (0x1FFE, 0x2000)
    tables.map(0x2000, RAM + 0x8000, V | X | U)
    machine.memory.write(RAM + 0x8000, words(encode("addi", 5, imm=3))[2:])
    machine.hart.privilege, machine.hart.pc = "U", 0x1FFE
    assert machine.run(1).reason == "budget"
    assert machine.hart.x[5] == 3


@pytest.mark.parametrize("size", [2, 4, 8])
def test_access_across_pages_touches_both_or_faults_at_the_second(size):
    name = {2: "h", 4: "w", 8: "d"}[size]
    for inside in range(1, size):
        machine, _ = small(V | R | W | U)
        machine.memory.write(CODE, words(encode(f"l{name}", 5, 6), encode(f"s{name}", rs1=6, rs2=7)))
        machine.memory.write(RAM + 0x3FF0, bytes(range(16)))
        va = 0x2000 - inside
        machine.hart.x[7] = 0x8877_6655_4433_2211
        assert access(machine, "load", va) == (13, 0x2000)
        assert access(machine, "store", va) == (15, 0x2000)
        assert machine.memory.read(RAM + 0x3FF0, 16) == bytes(range(16))  # nothing of it was stored
        machine, _ = small(V | R | W | U)
        machine.memory.write(CODE, words(encode(f"l{name}", 5, 6), encode(f"s{name}", rs1=6, rs2=7)))
        tables = Tables(machine.memory.write, TABLES)
        tables.map(0x1000, RAM + 0x3000, V | R | W | U)
        tables.map(0x2000, RAM + 0x7000, V | R | W | U)  # not the next frame
        machine.hart.x[7] = 0x8877_6655_4433_2211
        assert access(machine, "store", va) is None
        value = (0x8877_6655_4433_2211).to_bytes(8, "little")[:size]
        assert machine.memory.read(RAM + 0x4000 - inside, inside) == value[:inside]
        assert machine.memory.read(RAM + 0x7000, size - inside) == value[inside:]
        assert access(machine, "load", va) is None
        assert machine.hart.x[5] & (1 << 8 * size) - 1 == int.from_bytes(value, "little")


def test_interrupt_bit_is_not_part_of_a_fault():
    machine, _ = small(V | R | U)
    assert access(machine, "store", 0x1000) == (15, 0x1000)
    assert not machine.hart.csrs["mcause"] & INTERRUPT
