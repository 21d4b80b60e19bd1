"""Machines that differ only in how they execute must never differ in what they do.

Code, registers, CSRs, page tables, devices and interrupts are random, and so are the cuts between runs,
snapshots, and what Python changes in between. One twin runs basic blocks and recognises memory loops, one
executes instruction by instruction. ``HARTLAB_RANDOM_PROGRAMS`` sets how many pairs, ``HARTLAB_SEED`` where
they begin.
"""

from __future__ import annotations

import os
import random
import struct

import numpy as np
import pytest

import hartlab as hl
from hart.boards import FS_DIRTY, RAM, A, D, G, R, Tables, U, V, W, X
from oracles.encode import encode

SEED = int(os.environ.get("HARTLAB_SEED", "0"))
COUNT = int(os.environ.get("HARTLAB_RANDOM_PROGRAMS", "120"))
SIZE = 0x2_0000
CODE_WORDS = 0x1000
TABLES = RAM + 0x1_0000
PLAIN = [
    (int(row["match"]), int(row["mask"]))
    for row in hl.instructions()
    if row["extension"] not in ("Zicsr", "Privileged") and row["format"] not in ("branch", "jump")
]
SYSTEM = [0x73, 0x10_0073, 0x3020_0073, 0x1020_0073, 0x1050_0073, 0x100F, 0x1200_0073]
CSRS = [
    0x001, 0x002, 0x003, 0x100, 0x104, 0x105, 0x140, 0x141, 0x142, 0x143, 0x144, 0x180, 0x300, 0x302, 0x303,
    0x304, 0x305, 0x306, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0xB00, 0xB02, 0xC00, 0xC01, 0xC02, 0xF14,
]  # fmt: skip
PLACES = [
    RAM + 0x2000,
    RAM + 0x2FFA,
    RAM + 0x5FF8,
    0x4000,
    0x4FFC,
    0x5008,
    0x1000,
    0x0200_0000,
    0x0200_4000,
    0x0200_BFF8,
]


def instruction(rng: random.Random) -> int:
    pick = rng.random()
    if pick < 0.1:
        return rng.choice([0, 1, 2]) | rng.getrandbits(14) << 2 | rng.getrandbits(16) << 16
    if pick < 0.14:
        funct3, registers = rng.choice([1, 2, 3, 5, 6, 7]), rng.getrandbits(5) << 7 | rng.getrandbits(5) << 15
        return 0x73 | funct3 << 12 | rng.choice(CSRS) << 20 | registers
    if pick < 0.17:
        return rng.choice(SYSTEM)
    if pick < 0.3:  # with a target nearby, so that code is executed more than once
        offset = 2 * rng.randint(-32, 32)
        if pick < 0.2:
            return encode("jal", rng.getrandbits(5), imm=offset)
        name = rng.choice(["beq", "bne", "blt", "bge", "bltu", "bgeu"])
        return encode(name, rs1=rng.getrandbits(5), rs2=rng.getrandbits(5), imm=offset)
    match, mask = rng.choice(PLAIN)
    return match | rng.getrandbits(32) & ~mask


def memory_loop(rng: random.Random) -> list[int]:
    """A loop that fills or copies, as compilers make them, with its registers set up in front of it."""
    size = rng.randrange(4)
    step = (1 << size) * rng.choice([1, 1, 1, -1])
    store = encode(["sb", "sh", "sw", "sd"][size], rs1=5, rs2=7)
    load = encode(["lb", "lh", "lw", "ld"][size], 7, 6)
    turns = rng.choice([rng.randrange(80), rng.randrange(1200)])
    start = rng.choice([RAM + 0x4000, RAM + 0x5FF0, 0x4000, 0x5FF0]) + rng.randrange(300)
    body = [store, encode("addi", 5, 5, imm=step)]
    if rng.random() < 0.5:
        body = [load, encode("addi", 6, 6, imm=step), *body]
    counted = rng.random() < 0.5
    if counted:
        body.insert(rng.randrange(len(body) + 1), encode("addi", 8, 8, imm=-1))
    back = -4 * len(body)
    if rng.random() < 0.7:
        body.append(
            encode("bne", rs1=8, imm=back)
            if counted
            else encode(rng.choice(["bne", "bltu"]), rs1=5, rs2=9, imm=back)
        )
    else:  # the test comes first, and leaves the loop
        test = encode("beq", rs1=8) if counted else encode(rng.choice(["beq", "bgeu"]), rs1=5, rs2=9)
        body = [test | encode("beq", imm=8 - back), *body, encode("jal", imm=back - 4)]
    values = {
        5: start,
        6: rng.choice([start + rng.randint(-16, 16), RAM + 0x4800]),
        8: turns,
        9: start + turns * step,
    }
    setup = [word for register, value in values.items() for word in constant(register, value)]
    entry = [encode("jal", imm=4 * rng.randint(1, len(body)))] if rng.random() < 0.3 else []
    return [*setup, *entry, *body]


def constant(register: int, value: int) -> list[int]:
    """An unsigned 32-bit value."""
    low = (value & 0xFFF) - (0x1000 if value & 0x800 else 0)
    return [
        encode("lui", register, imm=value - low >> 12),
        encode("addiw", register, register, imm=low),
        encode("slli", register, register, imm=32),
        encode("srli", register, register, imm=32),
    ]


def code(rng: random.Random) -> bytes:
    words = [instruction(rng) for _ in range(CODE_WORDS)]
    for _ in range(rng.choice([0, 200])):
        loop = memory_loop(rng)
        at = rng.randrange(CODE_WORDS - len(loop))
        words[at : at + len(loop)] = loop
    return struct.pack(f"<{CODE_WORDS}I", *words)


def leaf_flags(rng: random.Random) -> int:
    access = rng.choice([R | W | X, R | W | X, R | W | X, R, X, R | X])
    return V | access | rng.choice([0, U]) | rng.choice([0, G]) | rng.choice([0, A, A | D])


class Twins:
    """Two machines in one random state."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        geometry = hl.TlbGeometry(
            sets=1 << rng.randrange(4),
            ways=rng.randint(1, 3),
            replacement=rng.choice(["lru", "fifo", "random"]),
        )
        options = {
            "tlb": geometry,
            "hardware_ad": rng.random() < 0.8,
            "hardware_misaligned": rng.random() < 0.8,
            "instructions_per_tick": rng.choice([1, 1, 7]),
        }
        self.machines = [hl.Machine(SIZE, **options) for _ in range(2)]
        self.machines[1]._engine.use_blocks = False
        self.machines[1]._engine.use_memory_loops = False
        self.write(RAM, code(rng))
        self.tables = Tables(self.write, TABLES)
        self.ptes = [
            self.tables.map(n << 12, RAM + (rng.randrange(8) << 12), leaf_flags(rng)) for n in range(16)
        ]
        if rng.random() < 0.5:
            self.tables.map(RAM, RAM, leaf_flags(rng), level=2)
        self.start()

    def each(self, action: object) -> list:
        return [action(machine) for machine in self.machines]

    def write(self, pa: int, data: bytes) -> None:
        for machine in self.machines:
            machine.memory.write(pa, data)

    def start(self) -> None:
        rng = self.rng
        csrs = {
            "mtvec": RAM + 4 * rng.randrange(0x800) + rng.randrange(2),
            "stvec": rng.choice([0x4000, RAM]) + 4 * rng.randrange(0x800),
            "medeleg": rng.choice([0, 0xB3FF]),
            "mideleg": rng.choice([0, 0x222]),
            "mie": rng.choice([0, 0xAAA]),
            "mcounteren": 7,
            "scounteren": 7,
            "satp": rng.choice([0, self.tables.satp(rng.randrange(3))]),
            "mepc": RAM + 2 * rng.randrange(0x1000),
            "sepc": 0x4000 + 2 * rng.randrange(0x1000),
            "mstatus": FS_DIRTY | rng.getrandbits(23) & 0x7E_19AA & ~0x1000,
        }
        x = [self.number() for _ in range(32)]
        f = [rng.choice([0, 0xFFFF_FFFF << 32]) | rng.getrandbits(rng.choice([32, 64])) for _ in range(32)]
        for machine in self.machines:
            for name, value in csrs.items():
                machine.hart.csrs[name] = value
            for number in range(32):
                machine._engine.set_x(number, x[number])
                machine._engine.set_f(number, f[number])
        self.go_elsewhere()

    def number(self) -> int:
        rng = self.rng
        return (
            rng.choice(PLACES) + rng.randrange(64)
            if rng.random() < 0.6
            else rng.getrandbits(rng.randint(1, 64))
        )

    def go_elsewhere(self) -> None:
        pc, mode = self.rng.choice([RAM, 0x4000]) + 2 * self.rng.randrange(0x1000), self.rng.choice("USM")
        register, value = self.rng.randrange(32), self.number()
        for machine in self.machines:
            machine.hart.pc, machine.hart.privilege = pc, mode
            machine._engine.set_x(register, value)

    def run(self) -> None:
        rng = self.rng
        budget, until = (
            rng.choice([rng.randrange(50), rng.randrange(4000)]),
            rng.choice([None, None, None, "trap"]),
        )
        first = self.machines[0].run(budget, until=until)
        if rng.random() < 0.3:
            done = 0
            while True:
                second = self.machines[1].run(min(rng.randint(1, 300), budget - done), until=until)
                done += second.instructions
                if second.reason != "budget" or done == budget:
                    break
        else:
            second = self.machines[1].run(budget, until=until)
            done = second.instructions
        assert (first.reason, first.instructions) == (second.reason, done)
        self.check()
        if first.reason in ("trap", "trap_loop", "waiting") or rng.random() < 0.3:
            self.go_elsewhere()
        if first.reason == "waiting":
            self.each(lambda machine: machine.hart.csrs.__setitem__("mip", 2))
            self.each(lambda machine: machine.hart.csrs.__setitem__("mie", 2))

    def disturb(self) -> None:
        """Something between two runs that changes both alike, or nothing."""
        rng = self.rng
        match rng.randrange(8):
            case 0:
                snapshot = self.machines[0].snapshot()
                self.machines[0].run(rng.randrange(100))
                self.machines[0].restore(snapshot)
                self.check()
            case 1:
                self.write(RAM + 2 * rng.randrange(0x2000), struct.pack("<I", instruction(rng)))
            case 2:
                self.write(
                    rng.choice(self.ptes),
                    struct.pack("<Q", RAM + (rng.randrange(8) << 12) >> 2 | leaf_flags(rng)),
                )
            case 3:
                self.each(lambda machine: machine.hart.registers())

    def check(self) -> None:
        one, two = self.machines
        names = one.hart.registers()["name"]
        values = [machine.hart.registers()["value"] for machine in self.machines]
        differing = {str(n): (hex(a), hex(b)) for n, a, b in zip(names, *values, strict=True) if a != b}
        assert not differing
        assert (one.hart.privilege, one.hart.waiting) == (two.hart.privilege, two.hart.waiting)
        assert one._engine.tlb_counts == two._engine.tlb_counts
        assert one.hart.tlb().tolist() == two.hart.tlb().tolist()
        assert np.array_equal(one.memory.array, two.memory.array)


@pytest.mark.parametrize("first", range(0, COUNT, 30))
def test_twins_stay_alike(first):
    for seed in range(SEED + first, SEED + min(first + 30, COUNT)):
        rng = random.Random(seed)
        twins = Twins(rng)
        for _ in range(rng.randint(1, 12)):
            try:
                twins.run()
                twins.disturb()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}") from error
