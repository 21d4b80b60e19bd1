"""Fuzzes hartlab.load with broken files of machines and kernels.

A file that cannot be loaded must be refused with a SavedFileError; one that can be must run, be looked at, be
saved again, restored and cloned, whatever is in it.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from _harness import Case, main
from _kernels import DEAD, number

import hartlab as hl
from hartlab.saving.container import Contents, pack, unpack

FOLDER = Path(tempfile.mkdtemp(prefix="hartlab-fuzz-"))
TYPING = "li t0, 0x10000000; loop: lb t1, 0(t0); sb t1, 0(t0); wfi; j loop"


def originals() -> list[Contents]:
    """Machines with one hart and more, with and without a disk, and kernels: in the middle of something."""
    board = hl.Machine("256KiB", code=hl.asm(TYPING), disk=bytes(range(256)) * 20, tlb={"sets": 4, "ways": 2})
    board.console.send("some text to be read")
    board.run(100)
    harts = hl.Machine(
        "64KiB", kernel=hl.asm("loop: addi a0, a0, 1; j loop"), harts=3, tlb={"sets": 1, "ways": 1}
    )
    harts.run(5000)
    kernel = hl.Kernel("1MiB", tlb={"sets": 8, "ways": 2}, fork="cow")
    kernel.spawn(code=hl.asm("li a7, 1; ecall; li a7, 12; li a0, 4096; li a1, 1; ecall; li a7, 2; ecall"))
    kernel.run(60)
    every = []
    for each in (board, harts, kernel):
        each.save(FOLDER / "original")
        every.append(unpack((FOLDER / "original").read_bytes(), 1 << 30))
    return every


ORIGINALS = originals()


def mutate_bytes(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([0, 1, 1, 2, 5, 40])):
        size, kind = rng.choice([1, 1, 2, 4, 8]), rng.randrange(10)
        # What is small is in front: registers, TLB, devices.
        at = rng.randrange(min(len(changed), rng.choice([600, 3000, len(changed)])) + 1 - min(size, 1))
        if kind < 8:
            changed[at : at + size] = number(rng, 8 * size).to_bytes(size, "little")
        elif kind == 8:
            del changed[at:]
        else:
            changed[at:at] = rng.randbytes(rng.randrange(20))
        if not changed:
            break
    return bytes(changed)


def mutate_facts(rng: random.Random, value: Any) -> Any:
    """Somewhere in the description, another value."""
    if rng.random() < 0.25 or not isinstance(value, dict | list) or not value:
        return rng.choice(
            [None, 0, -1, 1, 2, 1 << 70, 4096, 0.5, "", "lru", [], {}, True, b"", b"\x7fELF", [[]]]
        )
    if isinstance(value, dict):
        key = rng.choice(sorted(value))
        if rng.random() < 0.1:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: mutate_facts(rng, value[key])}
    at = rng.randrange(len(value))
    return [*value[:at], mutate_facts(rng, value[at]), *value[at + 1 :]]


def use(case: Case, made: hl.Kernel | hl.Machine) -> None:
    rng = case.rng
    allowed = (*DEAD, ValueError, hl.ExpectError) if isinstance(made, hl.Kernel) else (ValueError,)

    def look() -> None:
        repr(made)
        made.hart.tlb()
        if isinstance(made, hl.Kernel):
            made.processes(), made.frames(), made.free_list(), made.audit(), made.exits()
        else:
            repr(made.console), repr(made.disk), [repr(hart) for hart in made.harts]

    for _ in range(3):
        case.attempt("run", allowed, lambda: made.run(rng.choice([1, 100, 20_000])))
        case.attempt("look", allowed, look)
    case.attempt("snapshot, clone and restore", allowed, lambda: made.restore(made.clone().snapshot()))
    if isinstance(made, hl.Machine):
        case.attempt("type", (), lambda: made.console.send("x" * 20))
        case.attempt("reset", (ValueError,), made.reset)
        case.attempt("run", (), lambda: made.run(3000))
    made.save(FOLDER / "again")
    case.attempt("load again", (ValueError,), lambda: hl.load(FOLDER / "again", replace=None))


def run_case(case: Case) -> None:
    rng = case.rng
    original = rng.choice(ORIGINALS)
    facts, state = dict(original.facts), original.state
    if rng.random() < 0.4:
        facts = mutate_facts(rng, facts)
    if rng.random() < 0.8:
        state = mutate_bytes(rng, state)
    file = pack(Contents(original.kind, facts, state))
    if rng.random() < 0.1:
        file = mutate_bytes(rng, file)
    (FOLDER / "case").write_bytes(file)
    made = case.attempt(
        f"load {facts}", (hl.SavedFileError, ValueError),
        lambda: hl.load(FOLDER / "case", replace=rng.choice([None, None, "native"]), max_memory="4MiB"),
    )  # fmt: skip
    if isinstance(made, hl.Kernel | hl.Machine):
        use(case, made)


if __name__ == "__main__":
    main("saved_files", run_case)
