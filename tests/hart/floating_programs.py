"""Floating-point programs for differential tests: each instruction over a table of operands, and random
sequences.

An image is code followed by operands followed by room for the results, all at fixed addresses from BASE.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

from oracles import encode_fp as fp
from oracles.encode import encode
from oracles.qemu_user import BASE, address, finish

FFLAGS, FRM, FCSR = 1, 2, 3
CODE_SIZE, DATA_SIZE = 0x10_0000, 0x20_0000
OPERANDS = BASE + CODE_SIZE
RESULTS = OPERANDS + DATA_SIZE

BOX = 0xFFFF_FFFF_0000_0000
SINGLES = [
    0x0000_0000, 0x0000_0001,
    0x0000_0002, 0x007F_FFFF, 0x0040_0000, 0x0080_0000, 0x0080_0001, 0x0100_0000,
    0x3F80_0000, 0x3F80_0001, 0x3F7F_FFFF, 0x3F00_0000, 0x3EFF_FFFF, 0x3F00_0001, 0x3FC0_0000, 0x4020_0000,
    0x4B00_0000, 0x4B00_0001, 0x4EFF_FFFF, 0x4F00_0000, 0x4F7F_FFFF, 0x4F80_0000, 0x5EFF_FFFF, 0x5F00_0000,
    0x5F7F_FFFF, 0x5F80_0000, 0x7F7F_FFFF, 0x7F7F_FFFE, 0x7F80_0000, 0x7F80_0001, 0x7FA0_0000, 0x7FC0_0000,
    0x7FFF_FFFF, 0x2000_0000, 0x1FFF_FFFF, 0x0C00_0000, 0x6000_0000,
]  # fmt: skip
DOUBLES = [
    0x0, 0x1, 0x2, 0x000F_FFFF_FFFF_FFFF, 0x0008_0000_0000_0000, 0x0010_0000_0000_0000, 0x0010_0000_0000_0001,
    0x0020_0000_0000_0000, 0x3FF0_0000_0000_0000, 0x3FF0_0000_0000_0001, 0x3FEF_FFFF_FFFF_FFFF,
    0x3FE0_0000_0000_0000, 0x3FDF_FFFF_FFFF_FFFF, 0x3FE0_0000_0000_0001, 0x3FF8_0000_0000_0000,
    0x4004_0000_0000_0000, 0x41DF_FFFF_FFC0_0000, 0x41DF_FFFF_FFE0_0000, 0x41E0_0000_0000_0000,
    0x41E0_0000_0010_0000, 0x41EF_FFFF_FFE0_0000, 0x41F0_0000_0000_0000, 0x4330_0000_0000_0000,
    0x4330_0000_0000_0001, 0x43DF_FFFF_FFFF_FFFF, 0x43E0_0000_0000_0000, 0x43E0_0000_0000_0001,
    0x43EF_FFFF_FFFF_FFFF, 0x43F0_0000_0000_0000, 0x7FEF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000,
    0x7FF0_0000_0000_0001, 0x7FF4_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF,
    0x47EF_FFFF_E000_0000, 0x47EF_FFFF_F000_0000, 0x47EF_FFFF_EFFF_FFFF, 0x3810_0000_0000_0000,
    0x380F_FFFF_FFFF_FFFF, 0x380F_FFFF_F000_0000, 0x36A0_0000_0000_0000, 0x3690_0000_0000_0000,
    0x3690_0000_0000_0001, 0x2000_0000_0000_0000, 0x6000_0000_0000_0000,
]  # fmt: skip
INTEGERS = [
    0, 1, 2, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 2**63, 2**64 - 1,
    0xFF_FFFF, 0x100_0001,
    0x1FF_FFFF, 2**53 - 1, 2**53 + 1, 2**53 + 2, 2**54 - 1, 2**63 - 512, 2**63 - 513, 2**64 - 1024,
    2**64 - 1025,
    0xFFFF_FFFF_8000_0000, 0xFFFF_FFFF_7FFF_FFFF, 0x7FFF_FF80, 0x7FFF_FFC0, 2**24 + 1, 2**25 + 1,
]  # fmt: skip


@dataclass
class Image:
    """Code to run from BASE, its data, and where and how long the results are."""

    code: bytes
    data: bytes
    result_size: int

    @property
    def bytes(self) -> bytes:
        return self.code.ljust(CODE_SIZE, b"\0") + self.data

    @property
    def memory_size(self) -> int:
        return CODE_SIZE + DATA_SIZE + self.result_size

    @classmethod
    def of(cls, words: list[int], operands: list[int], result_size: int) -> Image:
        words = words + finish(RESULTS, result_size)
        code = struct.pack(f"<{len(words)}I", *words)
        data = struct.pack(f"<{len(operands)}Q", *operands)
        assert len(code) <= CODE_SIZE
        assert len(data) <= DATA_SIZE
        return cls(code, data, result_size)


def single(rng: random.Random) -> int:
    """A single in its box, mostly near an edge or near 1; now and then not boxed at all."""
    pick = rng.random()
    if pick < 0.03:
        return rng.getrandbits(64)
    if pick < 0.5:
        bits = rng.choice(SINGLES) ^ rng.getrandbits(1) << 31
    elif pick < 0.75:
        bits = rng.getrandbits(1) << 31 | (127 + rng.randint(-30, 30)) << 23 | rng.getrandbits(23)
    elif pick < 0.85:
        bits = (rng.choice(SINGLES) + rng.randint(-2, 2)) & 0xFFFF_FFFF
    else:
        bits = rng.getrandbits(32)
    return BOX | bits


def double(rng: random.Random) -> int:
    """A double, likewise."""
    pick = rng.random()
    if pick < 0.45:
        return rng.choice(DOUBLES) ^ rng.getrandbits(1) << 63
    if pick < 0.7:
        return rng.getrandbits(1) << 63 | (1023 + rng.randint(-60, 60)) << 52 | rng.getrandbits(52)
    if pick < 0.8:
        return (rng.choice(DOUBLES) + rng.randint(-2, 2)) % 2**64
    if pick < 0.9:  # few significant bits: exact results and ties
        return rng.getrandbits(1) << 63 | (1023 + rng.randint(-60, 60)) << 52 | rng.getrandbits(6) << 46
    return rng.getrandbits(64)


def integer(rng: random.Random) -> int:
    return rng.choice(
        [rng.choice(INTEGERS), -rng.choice(INTEGERS) % 2**64, rng.getrandbits(rng.randint(1, 64))]
    )


def triple(rng: random.Random, row: fp.Row) -> list[int]:
    """Three operands for an instruction, some of them related so that sums cancel."""
    if row.sources == "x":
        return [integer(rng), 0, 0]
    draw = single if row.width == "s" else double
    a, b, c = draw(rng), draw(rng), draw(rng)
    if rng.random() < 0.15:
        b = (a ^ 1 << (31 if row.width == "s" else 63)) + rng.randint(-1, 1) & 2**64 - 1
    return [a, b, c]


def csr(funct3: int, number: int, rd: int, rs1: int) -> int:
    return 0x73 | funct3 << 12 | number << 20 | rd << 7 | rs1 << 15


def each_instruction(seed: int, cases: int) -> tuple[Image, list[tuple[str, str, list[list[int]]]]]:
    """Every instruction in every rounding mode, static and dynamic, over `cases` operand triples.

    A result is two words: the register that the instruction wrote, and fcsr after it. The list says for each
    block of results which instruction, which rounding, and the operands.
    """
    rng = random.Random(seed)
    words: list[int] = []
    operands: list[int] = []
    blocks = []
    words += address(11, RESULTS)
    for name, row in fp.TABLE.items():
        table = [triple(rng, row) for _ in range(cases)]
        first = OPERANDS + 8 * len(operands)
        operands += [v for t in table for v in t]
        for rounding, frm in rounding_modes(row):
            rm = fp.ROUNDINGS.get(rounding.split("=")[0], 0)
            words += [*address(10, first), *address(12, first + 24 * cases), csr(5, FRM, 0, frm)]
            words += loop_over_operands(name, row, rm)
            blocks.append((name, rounding, table))
    return Image.of(words, operands, 16 * cases * len(blocks)), blocks


def rounding_modes(row: fp.Row) -> list[tuple[str, int]]:
    """(how it is called, frm)"""
    if not row.rounded:
        return [("none", 0)]
    static = [(name, (rm + 2) % 5) for name, rm in fp.ROUNDINGS.items() if rm != fp.DYNAMIC]
    return static + [(f"dyn={frm}", frm) for frm in range(5)]


def loop_over_operands(name: str, row: fp.Row, rm: int) -> list[int]:
    load = [
        fp.load("d", 1, 10, 0),
        fp.load("d", 2, 10, 8),
        fp.load("d", 3, 10, 16),
        encode("ld", 5, 10, imm=0),
    ]
    rd, rs1 = {"f": 4, "x": 6}[row.result], {"f": 1, "x": 5}[row.sources[0]]
    keep = fp.store("d", 4, 11, 0) if row.result == "f" else encode("sd", rs1=11, rs2=6, imm=0)
    body = [
        *load,
        csr(5, FFLAGS, 0, 0),
        fp.encode(name, rd, rs1, 2, 3, rm),
        csr(2, FCSR, 7, 0),
        keep,
        encode("sd", rs1=11, rs2=7, imm=8),
        encode("addi", 10, 10, imm=24),
        encode("addi", 11, 11, imm=16),
    ]
    return [*body, encode("bne", rs1=10, rs2=12, imm=-4 * len(body))]


def random_sequences(seed: int, count: int, length: int) -> tuple[Image, int]:
    """`count` random sequences over all registers; after each, f0-f31, x13-x31 and fcsr are results.

    Returns the image and how many bytes the results of one sequence are.
    """
    rng = random.Random(seed)
    words: list[int] = []
    operands: list[int] = []
    x_registers = range(13, 32)
    words += address(11, RESULTS)
    for _ in range(count):
        words += address(10, OPERANDS + 8 * len(operands))
        operands += [(single if rng.random() < 0.5 else double)(rng) for _ in range(32)]
        operands += [integer(rng) for _ in x_registers] + [rng.randrange(5) << 5 | rng.getrandbits(5)]
        words += [fp.load("d", i, 10, 8 * i) for i in range(32)]
        words += [encode("ld", x, 10, imm=256 + 8 * i) for i, x in enumerate(x_registers)]
        words += [encode("ld", 5, 10, imm=256 + 8 * len(x_registers)), csr(1, FCSR, 0, 5)]
        words += [any_instruction(rng, x_registers) for _ in range(length)]
        words += [fp.store("d", i, 11, 8 * i) for i in range(32)]
        words += [encode("sd", rs1=11, rs2=x, imm=256 + 8 * i) for i, x in enumerate(x_registers)]
        words += [csr(2, FCSR, 5, 0), encode("sd", rs1=11, rs2=5, imm=256 + 8 * len(x_registers))]
        words += [encode("addi", 11, 11, imm=416)]
    return Image.of(words, operands, 416 * count), 416


def any_instruction(rng: random.Random, x_registers: range) -> int:
    pick = rng.random()
    if pick < 0.04:
        return csr(5, FRM, 0, rng.randrange(5))
    if pick < 0.08:
        width, offset = rng.choice("sd"), rng.randint(0, 248)
        return fp.load(width, rng.randrange(32), 10, offset)
    name = rng.choice(list(fp.TABLE))
    row = fp.TABLE[name]
    rd = rng.randrange(32) if row.result == "f" else rng.choice(x_registers)
    rs1 = rng.choice(x_registers) if row.sources == "x" else rng.randrange(32)
    rm = rng.choice([0, 1, 2, 3, 4, 7, 7])
    return fp.encode(name, rd, rs1, rng.randrange(32), rng.randrange(32), rm)
