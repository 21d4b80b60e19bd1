"""Random instruction sequences that terminate, for differential tests of the hart.

A program is straight code with forward branches. Registers x8, x9 and sp stay pointers into the data pages,
so that most accesses hit something; which registers hold what, and the data, are random with a preference for
edges.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

from oracles.encode import BIT_MANIPULATION, TABLE, encode

POINTERS = (2, 8, 9)
EDGES = [
    0, 1, 2, 0x7F, 0x80, 0x7FFF, 0x8000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 2**32, 2**63 - 1, 2**63,
    2**64 - 1, 2**64 - 2, 0xFFFF_FFFF_8000_0000, 0xFFFF_FFFF_7FFF_FFFF, 0x0123_4567_89AB_CDEF,
]  # fmt: skip

REGISTER = [
    n for n, row in TABLE.items() if row[0] == "R" and row[1] in (0x33, 0x3B) and n not in BIT_MANIPULATION
]
IMMEDIATE = [n for n, row in TABLE.items() if row[1] in (0x13, 0x1B) and n not in BIT_MANIPULATION]
BRANCH = [n for n, row in TABLE.items() if row[0] == "B"]
LOAD = [n for n, row in TABLE.items() if row[1] == 0x03]
STORE = [n for n, row in TABLE.items() if row[0] == "S"]
ATOMIC = [n for n, row in TABLE.items() if row[1] == 0x2F]


@dataclass
class Program:
    """Machine code and the state that it starts from."""

    code: bytes
    x: list[int]
    count: int  # instructions at most
    words: list[int] = field(default_factory=list)


def value(rng: random.Random) -> int:
    """A 64-bit value, often one at an edge."""
    pick = rng.random()
    if pick < 0.4:
        return rng.choice(EDGES)
    if pick < 0.6:
        return (rng.choice(EDGES) + rng.randint(-3, 3)) % 2**64
    if pick < 0.8:
        return rng.getrandbits(rng.randint(1, 64))
    return -rng.getrandbits(rng.randint(1, 63)) % 2**64


def destination(rng: random.Random) -> int:
    return rng.choice([r for r in range(32) if r not in POINTERS])


def near(rng: random.Random) -> int:
    """An offset to a pointer: aligned or not."""
    return rng.choice([rng.randint(-2048, 2047), rng.randint(-16, 16), 8 * rng.randint(-64, 64)])


def integer(rng: random.Random) -> list[int]:
    name = rng.choice(REGISTER + IMMEDIATE + ["lui", "auipc"])
    return [encode(name, destination(rng), rng.randrange(32), rng.randrange(32), immediate(rng, name))]


def immediate(rng: random.Random, name: str) -> int:
    form = TABLE[name][0]
    if form == "SH5":
        return rng.randrange(32)
    if form == "SH6":
        return rng.randrange(64)
    return rng.getrandbits(20) if form == "U" else rng.choice([rng.randint(-2048, 2047), rng.randint(-4, 4)])


def memory(rng: random.Random) -> list[int]:
    if rng.random() < 0.5:
        return [encode(rng.choice(LOAD), destination(rng), rng.choice(POINTERS), imm=near(rng))]
    return [encode(rng.choice(STORE), rs1=rng.choice(POINTERS), rs2=rng.randrange(32), imm=near(rng))]


def atomic(rng: random.Random) -> list[int]:
    """One atomic instruction, or lr and sc with something in between, on an aligned address in x5."""
    address = [encode("addi", 5, rng.choice(POINTERS), imm=near(rng)), encode("andi", 5, 5, imm=-8)]
    order = rng.randrange(4) << 25
    name = rng.choice(ATOMIC)
    if name.startswith("lr"):
        store = name.replace("lr", "sc")
        between = rng.choice([[], integer(rng)])
        between = [] if between and between[0] >> 7 & 31 == 5 else between
        lr = encode(name, destination(rng) if rng.random() < 0.5 else 6, 5) | order
        if lr >> 7 & 31 == 5:
            lr = encode(name, 6, 5)
        return [*address, lr, *between, encode(store, destination(rng), 5, rng.randrange(32)) | order]
    return [*address, encode(name, destination(rng), 5, rng.randrange(32)) | order]


def flow(rng: random.Random) -> list[int]:
    """A branch or jump over up to three words of junk that may or may not be executed."""
    skipped = [integer(rng)[0] for _ in range(rng.randrange(4))]
    distance = 4 + 4 * len(skipped)
    pick = rng.random()
    if pick < 0.7:
        return [
            encode(rng.choice(BRANCH), rs1=rng.randrange(32), rs2=rng.randrange(32), imm=distance),
            *skipped,
        ]
    if pick < 0.85:
        return [encode("jal", destination(rng), imm=distance), *skipped]
    link = encode("jalr", destination(rng), 5, imm=distance + 4 + rng.randrange(2))  # bit 0 is cleared
    return [encode("auipc", 5), link, *skipped]


def program(rng: random.Random, pointers: list[int], length: int, kinds: list) -> Program:
    """`length` pieces of the given kinds, ended by an ecall. `pointers` are addresses for sp, x8 and x9 to
    start at.
    """
    words: list[int] = []
    while len(words) < length:
        words += rng.choice(kinds)(rng)
    words.append(0x73)
    x = [0] + [value(rng) for _ in range(31)]
    for register in POINTERS:
        x[register] = rng.choice(pointers)
    at_most = 20 * len(words)  # loops
    return Program(struct.pack(f"<{len(words)}I", *words), x, at_most, words)


def loop(rng: random.Random) -> list[int]:
    """A loop of one to six pieces that runs up to twenty times; x7 counts, and nothing in it writes x7."""
    body: list[int] = []
    for _ in range(rng.randint(1, 6)):
        piece = rng.choice([integer, memory])(rng)
        if piece[0] >> 7 & 31 != 7 or piece[0] & 0x7F == 0x23:
            body += piece
    start = encode("addi", 7, imm=rng.randint(1, 20))
    down = encode("addi", 7, 7, imm=-1)
    return [start, *body, down, encode("bne", rs1=7, imm=-4 * (len(body) + 1))]
