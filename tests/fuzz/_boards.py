"""Boards for the fuzzers of devices: how they are made, driven, and held against one another."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from _harness import Case
from _kernels import number

import hartlab as hl
from board.mmio import Driver

BASE = 0x8000_0000
ROM, TEST, CLINT, PLIC, UART, VIRTIO = 0x1000, 0x10_0000, 0x0200_0000, 0x0C00_0000, 0x1000_0000, 0x1000_1000
SLOT = 0x1000
TOHOST, FROMHOST = BASE + 0xC000, BASE + 0xC040

# Where each device's registers are, those of all harts and contexts; and how far its window reaches.
REGISTERS: dict[str, tuple[int, list[int], int]] = {
    "boot ROM": (ROM, [*range(0, 128, 4), 0xEFF8], 0xF000),
    "test": (TEST, [0, 4, 8], 0x1000),
    "clint": (CLINT, [*range(0, 36, 4), *range(0x4000, 0x4048, 4), 0xBFF0, 0xBFF8, 0xBFFC], 0x1_0000),
    "plic": (
        PLIC,
        [*range(0, 64, 4), 0x17C, 0x180, 0x1000, 0x1004, 0x1008, 0x100C]
        + [0x2000 + 0x80 * context + word for context in range(17) for word in (0, 4, 8, 12)]
        + [0x20_0000 + 0x1000 * context + word for context in range(17) for word in (0, 4, 8)],
        0x60_0000,
    ),
    "uart": (UART, [*range(8), 8, 0xFF], 0x100),
    "virtio": (
        VIRTIO,
        [*range(0, 0xA8, 4), 0xFC, *range(0x100, 0x140, 4), SLOT, SLOT + 8, SLOT + 0x70, 7 * SLOT + 0x34],
        8 * SLOT,
    ),
    "tohost": (TOHOST, [0, 4, 0x40], 0x48),
}


def options(rng: random.Random) -> dict[str, Any]:
    """Arguments of a machine."""
    return {
        "memory": rng.choice(["1MiB", "2MiB"]),
        "harts": rng.choice([1, 1, 2, 4, 8]),
        "virtio": rng.choice(["modern", "legacy"]),
        "disk": rng.choice([None, bytes(512), rng.randbytes(512 * 40)]),
        "seed": rng.getrandbits(16),
        "instructions_per_tick": rng.choice([1, 10]),
        "quantum": rng.choice([1, 5, 40]),
    }


def board(chosen: dict[str, Any]) -> hl.Machine:
    """A machine whose harts go round in a loop, with `tohost`."""
    machine = hl.Machine(kernel=hl.asm("again: j again"), **chosen)
    machine._engine.set_htif(TOHOST, FROMHOST)
    return machine


def place(rng: random.Random) -> tuple[str, int]:
    """A device, and an address of it: mostly of a register."""
    name = rng.choice(list(REGISTERS))
    base, registers, size = REGISTERS[name]
    offset = rng.choice(registers) if rng.random() < 0.85 else rng.randrange(-8, size + 8)
    return name, base + offset


def value(rng: random.Random, pointers: list[int]) -> int:
    """What may be written to a register."""
    pick = rng.random()
    if pick < 0.4:
        return rng.choice([0, 1, 2, 3, 4, 7, 8, 11, 15, 64, 0x80, 0x93, 1 << rng.randrange(64)])
    if pick < 0.7:
        return rng.choice(pointers) >> rng.choice([0, 0, 12, 32])
    return number(rng)


def state(machine: hl.Machine) -> dict[str, Any]:
    """All that can be seen of a machine."""
    engine, result = machine._engine, {}
    for n in range(engine.hart_count):
        hart = engine.one_hart(n)
        result |= {
            f"registers of {n}": hart.register_table().tobytes(),
            f"clock of {n}": (hart.pc, hart.retired, hart.time, hart.waiting, hart.privilege),
            f"tlb of {n}": (hart.tlb_counts, hart.tlb_table(True).tobytes()),
        }
    result["ram"] = hashlib.sha256(engine.ram_view()).hexdigest()
    result["printed"] = engine.console_output()
    result["to type"] = engine.console_pending
    result["turn"] = engine.current_hart
    if engine.disk_size:
        result["disk"] = hashlib.sha256(engine.disk_read(0, engine.disk_size)).hexdigest()
    return result


def same(case: Case, one: hl.Machine, other: hl.Machine, what: str) -> None:
    """Both are in the same state."""
    left, right = state(one), state(other)
    wrong = [name for name in left if left[name] != right[name]]
    shown = {name: (left[name], right[name]) for name in wrong if name.startswith(("clock", "printed"))}
    case.check(not wrong, f"{what}: {', '.join(wrong)} differ: {shown}")


class Probe(Driver):
    """Reads and writes, by the hart whose turn it is: answered, or the fault that there should be."""

    def __init__(self, case: Case, machine: hl.Machine) -> None:
        super().__init__(machine)
        self.case = case

    def do(self, pa: int, size: int, stored: int | None) -> int | bool | None:
        """A read, or a write of `stored`; what came of it."""
        hart = self.hart
        result = self.read(pa, size) if stored is None else self.write(pa, stored, size)
        if result is None or result is False:
            trap = hart.last_trap()
            found = trap["cause"], trap["tval"]
            self.case.check(found == (5 if stored is None else 7, pa), f"a fault {found} at {pa:#x}")
        elif stored is None:
            self.case.check(result < 1 << 8 * size, f"{result:#x} is more than {size} bytes")
        return result
