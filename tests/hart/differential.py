"""The same program on the hart and on Unicorn, and what differs afterwards."""

from __future__ import annotations

import os
import random

import hartlab as hl
from hart import random_programs as programs
from hart.boards import RAM, A, D, R, Tables, U, V, W, X, board, registers
from oracles.unicorn_hart import UnicornHart

SIZE = 1 << 17
CODE = RAM + 0x1EF0  # runs on into the next page
DATA, DATA_SIZE = RAM + 0x4000, 0x6000
STUB, TABLES, TABLES_SIZE = RAM + 0x1_0000, RAM + 0x1_2000, 0x3000
# Where the data pages are in virtual memory: two neighbours that are not neighbours in RAM, one read-only,
# one that
# the other mode owns; around them there is nothing.
MIDDLE = 0x5000

COUNT = int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120"))
SEED = int(os.environ.get("HARTLAB_SEED", "0"))
MODES = ["m", "bare-s", "bare-u", "sv39-s", "sv39-u"]
PRIVILEGE = {"m": 3, "s": 1, "u": 0}
ECALLS = (8, 9, 11)


def map_everything(tables: Tables, user: bool) -> None:
    mine, other = (U, 0) if user else (0, U)
    for page in (0x1000, 0x2000):
        tables.map(page, RAM + page, V | R | X | mine)
    tables.map(0x4000, RAM + 0x7000, V | R | W | mine)
    tables.map(0x5000, RAM + 0x6000, V | R | W | A | mine)
    tables.map(0x6000, RAM + 0x8000, V | R | mine)
    tables.map(0x8000, RAM + 0x9000, V | R | W | A | D | other)
    tables.map(0x9000, RAM + 0x9000, V | X | mine)


def pointers(rng: random.Random, virtual: bool, wild: bool) -> list[int]:
    """Addresses near the border of the two data pages; if `wild`, anywhere now and then."""
    border = MIDDLE if virtual else DATA + 0x1000
    near = [border + rng.choice([0, 1, -1, -8, 8, -0x100, 0x100]) for _ in range(3)]
    if wild and virtual and rng.random() < 0.5:
        near.append(rng.choice([0x6000, 0x7000, 0x8000, 0x4000, 0x9000, 2**39 - 8, 2**38, -8 % 2**64]))
    return near


def check_programs(mode: str, kinds: list, *, wild: bool = False, blocks: bool = True) -> None:
    """Runs COUNT programs made of these kinds of pieces, and fails on the first that ends differently."""
    for seed in range(SEED, SEED + COUNT):
        differences = compare(f"{seed} {mode} {[kind.__name__ for kind in kinds]}", mode, kinds, wild, blocks)
        assert not differences, "\n".join(differences)


def compare(seed: str, mode: str, kinds: list, wild: bool, blocks: bool) -> list[str]:
    rng = random.Random(seed)
    virtual, privilege = mode.startswith("sv39"), PRIVILEGE[mode[-1]]
    program = programs.program(rng, pointers(rng, virtual, wild), 60, kinds)
    data = rng.randbytes(DATA_SIZE)
    pc = CODE - RAM if virtual else CODE

    machine = board(memory=SIZE, privilege="US?M"[privilege], blocks=blocks)
    unicorn = UnicornHart(RAM, SIZE)
    for write in (machine.memory.write, unicorn.write):
        tables = Tables(write, TABLES)
        map_everything(tables, user=privilege == 0)
        write(CODE, program.code)
        write(DATA, data)
    satp = tables.satp() if virtual else 0

    unicorn.enter(STUB, pc, privilege, satp)
    unicorn.set_x(program.x)
    unicorn.run(program.count)
    machine.hart.csrs["satp"] = satp
    machine.hart.pc = pc
    for number, value in enumerate(program.x[1:], 1):
        machine._engine.set_x(number, value)
    result = machine.run(program.count, until="trap")
    return differences(seed, program, machine, result, unicorn)


def differences(
    seed: str, program: programs.Program, machine: hl.Machine, result: hl.RunResult, unicorn: UnicornHart
) -> list[str]:
    found = []
    trap = machine.hart.last_trap()
    cause = trap["cause"] if result.reason == "trap" else None
    # Unicorn numbers every environment call as U-mode's.
    same_cause = cause in ECALLS if unicorn.cause == 8 else cause == unicorn.cause
    if not same_cause:
        found.append(f"cause {cause} at {trap['epc']:#x}, Unicorn {unicorn.cause}")
    for number, (ours, theirs) in enumerate(zip(registers(machine), unicorn.x, strict=True)):
        if ours != theirs:
            found.append(f"x{number} = {ours:#x}, Unicorn {theirs:#x}")
    for name, first, size in (("data", DATA, DATA_SIZE), ("page tables", TABLES, TABLES_SIZE)):
        ours, theirs = machine.memory.read(first, size), unicorn.read(first, size)
        if ours != theirs:
            where = next(i for i in range(size) if ours[i] != theirs[i])
            found.append(f"{name} at {first + where:#x}: {ours[where]:#x}, Unicorn {theirs[where]:#x}")
    if found:
        found = [f"program {seed!r}", *found, repr(hl.disasm(program.code))]
    return found
