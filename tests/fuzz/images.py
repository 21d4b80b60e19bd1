"""Fuzzes what a board is booted with: firmware, kernels, RAM disks, command lines, sizes of everything.

It is refused with an error that is documented, or boots: the tree that the hart is handed can be read and
says what the machine has, and the images are in memory as the files have them.
"""

from __future__ import annotations

import random
import struct
from typing import Any

from _harness import Case, main
from _kernels import number
from elf import add_symbols, mutate

import hartlab as hl
from board.test_boot import cells, read_tree
from kernel.programs_in_elf import elf
from oracles.exec_layout import Segment

BASE = 0x8000_0000
REFUSED = (hl.ElfError, MemoryError, ValueError, TypeError)
CODE = hl.asm("again: addi a2, a2, 1; j again")


def linked(rng: random.Random, base: int) -> bytes:
    """An ELF file with odd segments: empty, over one another, out of order, unaligned."""
    at, segments = base, []
    for _ in range(rng.choice([1, 1, 2, 4])):
        data = CODE if rng.random() < 0.7 else rng.randbytes(rng.randrange(5000))
        size = len(data) + rng.choice([0, 0, 1, 4096, 100_000])
        segments.append(Segment(at, data, size, rng.choice(["rx", "rw", "rwx"])))
        at += rng.choice([size, (size + 4095) & ~4095, 1, 0, 1 << 20, -4096])
    file = bytearray(elf(segments, entry=rng.choice([base, base, base + 2, number(rng)])))
    for index in range(len(segments)):  # loaded where they are linked
        where = 64 + 56 * index
        struct.pack_into("<Q", file, where + 24, struct.unpack_from("<Q", file, where + 16)[0])
    if rng.random() < 0.4:
        add_symbols(rng, file)
        at = file.find(b"\0main\0loop\0")
        names = rng.choice([b"\0tohost\0\0\0\0", b"\0fromhost\0\0"])[:11]
        file[at : at + len(names)] = names
    return mutate(rng, bytes(file)) if rng.random() < 0.6 else bytes(file)


def image(rng: random.Random, base: int) -> bytes:
    pick = rng.random()
    if pick < 0.5:
        return linked(rng, base + rng.choice([0, 0, 0, 0x1000, 0x20_0000, -0x1000, 1]))
    if pick < 0.8:
        return CODE + rng.randbytes(rng.choice([0, 100, 70_000]))
    return rng.randbytes(rng.choice([0, 1, 3, 64, 70_000, 3 << 20]))


def arguments(rng: random.Random) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "quantum": 10,
        "memory": rng.choice([4096, 8192, "64KiB", "1MiB", "2MiB", "4MiB", "16MiB"]),
    }
    if rng.random() < 0.8:
        chosen["kernel"] = image(rng, BASE)
    if rng.random() < 0.4:
        chosen["bios"] = image(rng, BASE)
    if rng.random() < 0.3:
        chosen["initrd"] = rng.randbytes(rng.choice([0, 1, 5000, 1 << 20]))
    if rng.random() < 0.4:
        chosen["append"] = rng.choice(["quiet", "x" * 10_000, "\u00e9 \u4e2d", 'a="b c"', "\n", " "])
    if rng.random() < 0.4:
        chosen["disk"] = rng.randbytes(rng.choice([0, 1, 511, 512, 5000]))
    if rng.random() < 0.5:
        chosen["harts"] = rng.randint(1, 8)
    if rng.random() < 0.3:
        chosen["hardware_ad"] = rng.random() < 0.5
    return chosen


def check_tree(case: Case, machine: hl.Machine, chosen: dict[str, Any]) -> None:
    """What hart 0 is handed by the boot ROM, before any of the image has been executed."""
    while not (where := machine.harts[0].x.a1):
        if machine.run(1).reason == "trap_loop":  # of another hart, which is through the ROM already
            return
    size = struct.unpack(">I", machine.memory.read(where + 4, 4))[0]
    tree = read_tree(machine.memory.read(where, size))
    case.check(where % 8 == 0, f"the tree is at {where:#x}")
    case.check(cells(tree["memory@80000000"]["reg"]) == (0, BASE, 0, machine.memory.size), "memory")
    case.check(sum(name.startswith("cpu@") for name in tree["cpus"]) == len(machine.harts), "harts")
    append = chosen.get("append", "").encode()
    case.check(tree["chosen"].get("bootargs", b"\0") == append + b"\0", "the command line")
    if disk := chosen.get("initrd"):
        start = cells(tree["chosen"]["linux,initrd-start"])[1]
        case.check(machine.memory.read(start, len(disk)) == disk, "the RAM disk is not where the tree says")


def run_case(case: Case) -> None:
    rng = case.rng
    for _ in range(5):
        chosen = arguments(rng)
        shown = {k: v[:200].hex() if isinstance(v, bytes) else v for k, v in chosen.items()}
        machine = case.attempt(f"Machine {shown}", REFUSED, lambda made=chosen: hl.Machine(**made))
        if not isinstance(machine, hl.Machine) or not {"bios", "kernel"} & {*chosen}:
            continue
        case.note("the tree")
        check_tree(case, machine, chosen)
        for name in ("bios", "kernel"):
            raw = chosen.get(name)
            if raw and raw[:4] != b"\x7fELF":
                at = BASE + (0x20_0000 if name == "kernel" and "bios" in chosen else 0)
                case.check(machine.memory.read(at, len(raw)) == raw, f"{name} is not where it should be")
        case.attempt("run", (), lambda m=machine: m.run(rng.choice([1, 200, 5000])))
        case.attempt("reset, looks", (), lambda m=machine: (m.reset(), m.run(100), repr(m), repr(m.hart)))


if __name__ == "__main__":
    main("images", run_case)
