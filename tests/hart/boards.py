"""Small machines for the tests of the hart, and page tables made by hand."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

import hartlab as hl

RAM = 0x8000_0000
ECALL = 0x73
FS_DIRTY = 3 << 13
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
INTERRUPT = 1 << 63


def words(*encodings: int) -> bytes:
    """32-bit instructions as bytes."""
    return struct.pack(f"<{len(encodings)}I", *encodings)


def board(
    code: bytes | str = b"",
    *,
    at: int = RAM,
    pc: int | None = None,
    x: Mapping[int | str, int] | Iterable[int] = (),
    f: Mapping[int | str, int] | Iterable[int] = (),
    csrs: Mapping[str, int] | None = None,
    privilege: str = "M",
    memory: int | str = "256KiB",
    blocks: bool = True,
    **options: object,
) -> hl.Machine:
    """A machine with `code` (bytes, or assembly) at `at` and these registers; FS is on. `blocks`: as it runs
    fastest.
    """
    machine = hl.Machine(memory, **options)
    machine._engine.use_blocks = blocks
    if isinstance(code, str):
        code = hl.asm(code, origin=at if pc is None else pc)
    machine.memory.write(at, code)
    machine.hart.csrs["mstatus"] = FS_DIRTY
    for name, value in (csrs or {}).items():
        machine.hart.csrs[name] = value
    for registers, values in ((machine.hart.x, x), (machine.hart.f, f)):
        for name, value in values.items() if isinstance(values, Mapping) else list(enumerate(values)):
            if name not in (0, "x0", "zero") or registers is machine.hart.f:
                registers[name] = value
    machine.hart.privilege = privilege
    machine.hart.pc = at if pc is None else pc
    return machine


def run_to_trap(machine: hl.Machine, budget: int = 100_000) -> int | None:
    """The cause of the trap that ended the run; None when none did."""
    result = machine.run(budget, until="trap")
    return machine.hart.last_trap()["cause"] if result.reason == "trap" else None


def registers(machine: hl.Machine) -> list[int]:
    return [int(value) for value in machine._engine.x()]


def counts(machine: hl.Machine) -> dict[str, object]:
    """What the TLB has counted."""
    return dict(machine._engine.tlb_counts)


class Tables:
    """Sv39 page tables in a machine's RAM, built a leaf at a time from frame `first` on."""

    def __init__(self, write: object, first: int) -> None:
        self._write = write
        self.root = first
        self._next = first + 0x1000
        self._tables: dict[tuple[int, ...], int] = {(): first}
        self.ptes: dict[int, int] = {}  # by physical address

    def put(self, pa: int, pte: int) -> None:
        self.ptes[pa] = pte
        self._write(pa, struct.pack("<Q", pte))

    def table(self, path: tuple[int, ...]) -> int:
        """The table at the end of these indices, made with those above it."""
        if path not in self._tables:
            above = self.table(path[:-1])
            self._tables[path] = self._next
            self._next += 0x1000
            self.put(above + 8 * path[-1], self._tables[path] >> 12 << 10 | V)
        return self._tables[path]

    def map(self, va: int, pa: int, flags: int, level: int = 0) -> int:
        """A leaf; the physical address of its PTE."""
        indices = tuple(va >> 12 + 9 * n & 511 for n in (2, 1, 0))
        pte_address = self.table(indices[: 2 - level]) + 8 * indices[2 - level]
        self.put(pte_address, pa >> 12 << 10 | flags)
        return pte_address

    def satp(self, asid: int = 0) -> int:
        return 8 << 60 | asid << 44 | self.root >> 12
