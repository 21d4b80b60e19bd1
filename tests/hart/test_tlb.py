"""The TLB's counts and contents on random access sequences, against a model of lists. [priv 4.2.1]

The sequences are programs in S-mode, so that every instruction's fetch is a look-up too: loads and stores
within and across pages, the four fences, and changes of address space. ``HARTLAB_RANDOM_PROGRAMS`` sets how
many.
"""

from __future__ import annotations

import os
import random

import pytest

import hartlab as hl
from hart.boards import FS_DIRTY, RAM, A, D, G, R, Tables, V, W, X, board, words
from oracles import sv39, tlb
from oracles.encode import encode

SIZE = 8 << 20
CODE_VA, CODE_PA = 0x10_0000, RAM + 0x1000
CODE_PAGES = 2
PAGES = 0x4000_0000  # sixteen 4 KiB pages, and behind the last nothing
MEGA, GIGA = 0x6000_0000, 0xC000_0000
SEED = int(os.environ.get("HARTLAB_SEED", "0"))
COUNT = max(1, int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120")) // 20)
LENGTH = 1500
SUPERVISOR = sv39.Rights("S")
POINTERS = range(8, 32)
ASID_A, ASID_B, ASID_REGISTER, SATP_A, SATP_B = 3, 0x8001, 5, 6, 7


class Space:
    """Two address spaces over the same frames, with global pages in common."""

    def __init__(self, rng: random.Random, write: object) -> None:
        self.ptes: dict[int, int] = {}
        flags = [V | R | W | rng.choice([0, A, A | D]) | rng.choice([0, 0, 0, G]) for _ in range(16)]
        self.satp = []
        for number, asid in enumerate((ASID_A, ASID_B)):
            tables = Tables(write, RAM + 0x20_0000 + number * 0x1_0000)
            for page in range(CODE_PAGES):
                offset = page << 12
                tables.map(CODE_VA + offset, CODE_PA + offset, V | R | X | A | G)
            for page in range(16):
                shift = 0 if flags[page] & G else number
                tables.map(PAGES + (page << 12), RAM + 0x10_0000 + ((page + shift) % 17 << 12), flags[page])
            tables.map(MEGA, RAM + 0x40_0000 + (number << 21), V | R | W, level=1)
            tables.map(GIGA, RAM, V | R | W | A, level=2)
            self.satp.append(tables.satp(asid))
            self.ptes |= tables.ptes

    def read(self, pa: int) -> int | None:
        return self.ptes.get(pa, 0) if RAM <= pa < RAM + SIZE else None

    def write(self, pa: int, pte: int) -> None:
        self.ptes[pa] = pte


def pointer(rng: random.Random) -> int:
    """The middle of a page that is mapped in both spaces, as are the parts of its neighbours that are
    reached.
    """
    small, mega = PAGES + (rng.randrange(16) << 12), MEGA + (rng.randrange(16) << 12)
    giga = GIGA + 0x10_0000 + (rng.randrange(8) << 12)
    page = rng.choice([small, small, small, mega, giga])
    return page + 0x800


class Sequence:
    """A random program, and what the oracle makes of it."""

    def __init__(self, rng: random.Random, geometry: hl.TlbGeometry, flushes: bool) -> None:
        self.rng = rng
        self.writes: list[tuple[int, bytes]] = []
        self.space = Space(rng, lambda pa, data: self.writes.append((pa, data)))
        self.tlb = tlb.Tlb(
            geometry.sets,
            geometry.ways,
            geometry.replacement,
            geometry.seed,
            self.space.read,
            self.space.write,
        )
        self.x = {number: pointer(rng) for number in POINTERS}
        self.x |= {ASID_REGISTER: ASID_A, SATP_A: self.space.satp[0], SATP_B: self.space.satp[1]}
        self.satp = self.space.satp[0]
        self.words: list[int] = []
        while len(self.words) < LENGTH:
            self.words.append(self.instruction(flushes))

    def look_up(self, va: int, kind: str) -> None:
        assert self.tlb.access(self.satp, va, kind, SUPERVISOR).cause is None

    def instruction(self, flushes: bool) -> int:
        rng = self.rng
        pick = rng.random()
        self.look_up(CODE_VA + 4 * len(self.words), "fetch")
        register = rng.choice(POINTERS)
        if flushes and pick < 0.02:
            rs1, rs2 = rng.choice([0, register]), rng.choice([0, ASID_REGISTER])
            self.tlb.fence(self.x[rs1] if rs1 else None, self.x[rs2] if rs2 else None)
            return 0x1200_0073 | rs1 << 15 | rs2 << 20
        if flushes and pick < 0.04:
            source = rng.choice([SATP_A, SATP_B])
            self.satp = self.x[source]
            return 0x1800_1073 | source << 15
        if pick < 0.3:
            return encode("addi", 1, 1, imm=1)
        kind = rng.choice(["load", "store"])
        crosses = rng.random() < 0.05 and self.x[register] >> 12 != (PAGES >> 12) + 15
        imm = 2044 if crosses else rng.randrange(-2048, 2040)
        for va in [self.x[register] + imm, self.x[register] + 0x800][: 1 + crosses]:
            self.look_up(va, kind)
        return (
            encode("ld", 2, register, imm=imm)
            if kind == "load"
            else encode("sd", rs1=register, rs2=3, imm=imm)
        )

    def machine(self, geometry: hl.TlbGeometry, blocks: bool = True) -> hl.Machine:
        machine = board(memory=SIZE, tlb=geometry, blocks=blocks, x=self.x, csrs={"satp": self.space.satp[0]})
        for pa, data in self.writes:
            machine.memory.write(pa, data)
        machine.memory.write(CODE_PA, words(*self.words))
        machine.hart.csrs["mstatus"] = FS_DIRTY
        machine.hart.privilege, machine.hart.pc = "S", CODE_VA
        return machine

    def check(self, machine: hl.Machine) -> None:
        assert machine.hart.pc == CODE_VA + 4 * LENGTH, machine.hart.last_trap()
        counts = self.tlb.counts
        kinds = ("fetch", "load", "store")
        got = machine._engine.tlb_counts
        assert dict(zip(kinds, got["hits"], strict=True)) == counts.hits
        assert dict(zip(kinds, got["misses"], strict=True)) == counts.misses
        assert (got["evictions"], got["flushes"]) == (counts.evictions, counts.flushes)
        assert contents(machine.hart.tlb()) == self.tlb.contents()
        for pa, pte in self.space.ptes.items():
            assert machine.memory.load(pa) == pte


def contents(table: hl.Table) -> list[tuple[int, int, int, int, int, int, int, bool]]:
    names = ("set", "way", "va", "pa", "pte", "asid", "level", "global")
    rows = sorted(tuple(int(row[name]) for name in names) for row in table)
    return [
        (s, w, va >> 12, pa >> 12, pte, asid, level, bool(g)) for s, w, va, pa, pte, asid, level, g in rows
    ]


def geometries() -> list[hl.TlbGeometry]:
    shapes = [(1, 1), (1, 4), (4, 2), (2, 3), (64, 4), (16, 1)]
    return [
        hl.TlbGeometry(sets=sets, ways=ways, replacement=replacement, seed=7)
        for sets, ways in shapes
        for replacement in ("lru", "fifo", "random")
        if ways > 1 or replacement == "lru"
    ]


def name(geometry: hl.TlbGeometry) -> str:
    return f"{geometry.sets}x{geometry.ways}-{geometry.replacement}"


def sequences(geometry: hl.TlbGeometry, flushes: bool = True) -> list[Sequence]:
    return [Sequence(random.Random(f"{SEED + n} {name(geometry)}"), geometry, flushes) for n in range(COUNT)]


@pytest.mark.parametrize("geometry", geometries(), ids=name)
def test_counts_and_contents_agree_with_the_model(geometry):
    for sequence in sequences(geometry):
        machine = sequence.machine(geometry)
        assert machine.run(LENGTH).reason == "budget"
        sequence.check(machine)


@pytest.mark.parametrize("geometry", geometries()[2:5], ids=name)
def test_without_fences_the_fast_path_counts_every_hit(geometry):
    for sequence in sequences(geometry, flushes=False):
        machine = sequence.machine(geometry)
        machine.run(LENGTH)
        sequence.check(machine)


@pytest.mark.parametrize("geometry", [g for g in geometries() if g.sets in (1, 4)], ids=name)
def test_one_instruction_at_a_time_counts_the_same(geometry):
    sequence = sequences(geometry)[0]
    machine = sequence.machine(geometry, blocks=False)
    machine.run(LENGTH)
    sequence.check(machine)


@pytest.mark.parametrize("geometry", [g for g in geometries() if g.sets in (1, 4, 64)], ids=name)
def test_snapshots_views_and_restores_in_between_change_nothing(geometry):
    sequence = sequences(geometry)[0]
    machine = sequence.machine(geometry)
    rng = random.Random(SEED)
    done = 0
    while done < LENGTH:
        step = min(rng.randint(1, 200), LENGTH - done)
        snapshot = machine.snapshot()
        match rng.randrange(4):
            case 0:  # go astray, and come back
                machine.run(rng.randint(1, step))
                machine.restore(snapshot)
            case 1:
                machine = machine.clone()
            case 2:
                machine.hart.page_table.entries()
                machine.hart.tlb()
                machine.hart.disassemble()
        machine.run(step)
        done += step
    sequence.check(machine)


def test_watching_and_checking_for_stale_entries_change_no_count():
    geometry = hl.TlbGeometry(sets=4, ways=2)
    for instrument in ("stale", "watch", "breakpoint"):
        sequence = sequences(geometry)[0]
        machine = sequence.machine(geometry)
        if instrument == "stale":
            machine.hart.stale_check = True
        elif instrument == "watch":
            machine.watch(PAGES + 0xFF8, 8, loads=True)
        else:
            machine.breakpoints.add(CODE_VA + 400)
        for _ in range(LENGTH):
            left = LENGTH - (machine.hart.pc - CODE_VA) // 4
            if not left or machine.run(left).reason == "budget":
                break
        sequence.check(machine)


# -- one rule at a time --------------------------------------------------------------------------------------


def tiny(**options) -> tuple[hl.Machine, Tables]:
    """A machine in S-mode without code, whose accesses come from Python: one byte each."""
    machine = board(memory=SIZE, **options)
    tables = Tables(machine.memory.write, RAM + 0x20_0000)
    for page in range(8):
        tables.map(PAGES + (page << 12), RAM + (page << 12), V | R | W | A | D)
    machine.hart.csrs["satp"] = tables.satp(1)
    machine.hart.privilege = "S"
    return machine, tables


def test_pte_changed_without_a_fence_may_still_be_used_and_the_sanitizer_says_so():
    machine, tables = tiny()
    machine.hart.stale_check = True
    machine.memory.write(RAM, b"\x11")
    machine.memory.write(RAM + 0x9000, b"\x22")
    assert machine.hart.load(PAGES, 1) == b"\x11"
    assert len(machine.hart.stale_uses()) == 0
    tables.map(PAGES, RAM + 0x9000, V | R | W | A | D)
    assert machine.hart.load(PAGES, 1) == b"\x11"
    [use] = machine.hart.stale_uses()
    assert (use["va"], use["tlb_pa"], use["table_pte"] >> 10) == (PAGES, RAM, RAM + 0x9000 >> 12)
    assert use["writer"] == ""  # it was changed from outside
    machine.hart.tlb.flush(va=PAGES)
    assert machine.hart.load(PAGES, 1) == b"\x22"
    assert len(machine.hart.stale_uses()) == 1


def test_who_changed_the_entry_is_known_when_an_instruction_did():
    machine, tables = tiny()
    code = RAM + 0x6000
    tables.map(PAGES + (6 << 12), code, V | R | W | X | A | D)
    entry = tables.map(PAGES, RAM, V | R | W | A | D)
    tables.map(PAGES + (7 << 12), entry & ~4095, V | R | W | A | D)
    machine.memory.write(code, hl.asm("sd a1, 0(a0); ld a2, 0(a3); loop: j loop"))
    machine.hart.stale_check = True
    machine.hart.x["a0"] = PAGES + (7 << 12) + entry % 4096
    machine.hart.x["a1"], machine.hart.x["a3"] = 0, PAGES
    machine.hart.load(PAGES, 8)
    machine.hart.pc = PAGES + (6 << 12)
    machine.run(2)
    [use] = machine.hart.stale_uses()
    assert (use["pc"], use["va"], use["access"]) == (PAGES + (6 << 12) + 4, PAGES, "load")
    assert (use["writer"], use["writer_pc"]) == ("store", PAGES + (6 << 12))
    assert (use["table_pte"], use["writer_time"]) == (0, use["time"] - 1)


def test_stale_entry_survives_snapshot_and_restore():
    machine, tables = tiny()
    machine.memory.write(RAM, b"\x11")
    machine.hart.load(PAGES, 1)
    tables.map(PAGES, RAM + 0x9000, V | R | W | A | D)
    snapshot = machine.snapshot()
    machine.hart.tlb.flush()
    assert machine.hart.load(PAGES, 1) == b"\0"
    machine.restore(snapshot)
    assert machine.hart.load(PAGES, 1) == b"\x11"


def test_entry_of_another_address_space_is_no_hit_but_a_global_one_is():
    machine, tables = tiny()
    tables.map(PAGES + 0x1000, RAM + 0x1000, V | R | G | A)
    machine.hart.load(PAGES, 1)
    machine.hart.load(PAGES + 0x1000, 1)
    machine.hart.csrs["satp"] = tables.satp(2)
    machine.hart.tlb.reset_counts()
    machine.hart.load(PAGES, 1)
    machine.hart.load(PAGES + 0x1000, 1)
    counts = machine._engine.tlb_counts
    assert (counts["hits"][1], counts["misses"][1]) == (1, 1)


def test_entry_of_another_address_space_that_gives_way_is_an_eviction():
    machine, tables = tiny(tlb=hl.TlbGeometry(sets=1, ways=1))
    machine.hart.load(PAGES, 1)
    machine.hart.csrs["satp"] = tables.satp(2)
    machine.hart.load(PAGES, 1)
    assert machine._engine.tlb_counts["evictions"] == 1


def test_first_store_to_a_clean_page_is_a_miss_that_sets_d_and_evicts_nothing():
    machine, tables = tiny(tlb=hl.TlbGeometry(sets=1, ways=1))
    pte = tables.map(PAGES, RAM, V | R | W | A)
    machine.hart.load(PAGES, 1)
    machine.hart.store(PAGES, b"\1")
    machine.hart.store(PAGES, b"\1")
    counts = machine._engine.tlb_counts
    assert (counts["misses"][2], counts["hits"][2], counts["evictions"]) == (1, 1, 0)
    assert machine.memory.load(pte) & D


def test_faulting_access_counts_a_miss_and_fills_nothing():
    machine, _ = tiny()
    with pytest.raises(hl.PageFault):
        machine.hart.load(PAGES + 0x10_0000, 1)
    assert machine._engine.tlb_counts["misses"][1] == 1
    assert len(machine.hart.tlb()) == 0


@pytest.mark.parametrize("asid", [None, 1, 2])
@pytest.mark.parametrize("va", [None, PAGES, PAGES + 0x1FFF, MEGA + 0x12_3456])
def test_fence_drops_exactly_what_its_operands_name(va, asid):
    machine, tables = tiny()
    tables.map(MEGA, RAM, V | R | W | A | D, level=1)
    tables.map(PAGES + 0x1000, RAM + 0x1000, V | R | G | A)
    for space in (1, 2):
        machine.hart.csrs["satp"] = tables.satp(space)
        for page in (PAGES, PAGES + 0x1000, MEGA, MEGA + 0x5000):
            machine.hart.load(page, 1)
    before = contents(machine.hart.tlb())
    machine.hart.tlb.flush(va=va, asid=asid)

    def kept(entry: tuple) -> bool:
        _, _, vpn, _, _, space, level, is_global = entry
        in_range = va is None or vpn >> 9 * level == va >> 12 + 9 * level
        return not (in_range and (asid is None or (space == asid and not is_global)))

    assert contents(machine.hart.tlb()) == [entry for entry in before if kept(entry)]


def test_satp_write_alone_flushes_nothing():
    machine, tables = tiny()
    machine.hart.load(PAGES, 1)
    machine.hart.csrs["satp"] = 0
    machine.hart.csrs["satp"] = tables.satp(1)
    assert len(machine.hart.tlb()) == 1
    machine.hart.load(PAGES, 1)
    assert machine._engine.tlb_counts["hits"][1] == 1
