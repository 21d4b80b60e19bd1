"""16-bit encodings, one at a time, on the hart and on Unicorn: one in five, or with
``HARTLAB_RANDOM_PROGRAMS`` of 600 or more all of them. ``HARTLAB_SEED`` says which fifth.

Not compared: floating-point loads and stores (Unicorn's floating point is off), and what the spec reserves
where Unicorn executes something, or nothing: those have to be illegal here, every one of them.
"""

from __future__ import annotations

import os
import random
import struct

import pytest

pytest.importorskip("unicorn")
from hart.boards import RAM, board, registers
from oracles.unicorn_hart import UnicornHart

SIZE = 1 << 17
CODE, DATA, DATA_SIZE = RAM + 0x1000, RAM + 0xA000, 0x2000
ILLEGAL = 2
FLOATING = {(0, 1), (0, 5), (2, 1), (2, 5)}
BATCH = 512
SEED = int(os.environ.get("HARTLAB_SEED", "0"))
STEP = max(1, 600 // int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120")))


def reserved_here(half: int) -> bool:
    """funct3 100 of quadrant 0, and the last two of the eight operations of c.sub's row: nothing in RV64C."""
    quadrant0 = half & 0xE003 == 0x8000
    return quadrant0 or half & 0xFC43 == 0x9C41


def encodings() -> list[int]:
    return [h for h in range(1 << 16) if h & 3 != 3 and (h & 3, h >> 13) not in FLOATING]


class Pair:
    """A hart and a Unicorn that execute one half-word each time, somewhere new."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.machine = board(memory=SIZE)
        self.fresh()

    def fresh(self) -> None:
        self.unicorn = UnicornHart(RAM, SIZE)
        self.used = 0
        data = self.rng.randbytes(DATA_SIZE)
        self.unicorn.write(DATA, data)
        self.machine.memory.write(DATA, data)

    def execute(self, half: int) -> list[str]:
        if self.used == BATCH:
            self.fresh()
        pc = CODE + 8 * self.used
        self.used += 1
        code = struct.pack("<4H", half, 1, 1, 1)
        x = [0] + [DATA + 8 * self.rng.randrange(DATA_SIZE // 32) for _ in range(31)]
        self.unicorn.write(pc, code)
        self.unicorn.set_x(x)
        self.unicorn.enter(0, pc, 3, 0)
        self.machine.memory.write(pc, code)
        self.machine.hart.pc = pc
        for number in range(1, 32):
            self.machine._engine.set_x(number, x[number])
        end = self.unicorn.run(1)
        trapped = self.machine.run(1, until="trap").reason == "trap"
        cause = self.machine.hart.last_trap()["cause"] if trapped else None
        failed = self.unicorn.cause is not None
        found = []
        if trapped != failed:
            found.append(f"cause {cause}, Unicorn {self.unicorn.cause}")
        elif not trapped and end != self.machine.hart.pc:
            found.append(f"pc {self.machine.hart.pc:#x}, Unicorn {end:#x}")
        if self.unicorn.x != registers(self.machine):
            found.append("registers differ")
        if failed:
            self.fresh()
        return found

    def memory_differs(self) -> bool:
        return self.unicorn.read(DATA, DATA_SIZE) != self.machine.memory.read(DATA, DATA_SIZE)


@pytest.mark.parametrize("quadrant", [0, 1, 2])
def test_every_encoding_agrees(quadrant):
    rng = random.Random(quadrant)
    pair = Pair(rng)
    wrong = {}
    compared = [h for h in encodings() if h & 3 == quadrant and not reserved_here(h)]
    for half in compared[SEED % STEP :: STEP]:
        found = pair.execute(half)
        # Unicorn now and then remembers code that was there before: what counts is a fresh one.
        if found or pair.memory_differs():
            pair.fresh()
            found = pair.execute(half)
            if pair.memory_differs():
                found.append("memory differs")
        if found:
            wrong[hex(half)] = found
    assert not wrong


def test_encodings_that_rv64c_reserves_are_illegal():
    machine = board(memory=SIZE)
    legal = []
    for half in filter(reserved_here, encodings()):
        machine.memory.write(CODE, struct.pack("<H", half))
        machine.hart.pc = CODE
        result = machine.run(1, until="trap")
        trap = machine.hart.last_trap()
        if result.reason != "trap" or (trap["cause"], trap["tval"], trap["epc"]) != (ILLEGAL, half, CODE):
            legal.append(hex(half))
    assert not legal
