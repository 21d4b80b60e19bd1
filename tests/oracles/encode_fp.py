"""Encodings of the F and D extensions, written from the tables of the unprivileged spec and nothing of the
engine.
"""

from __future__ import annotations

from dataclasses import dataclass

DYNAMIC = 7
ROUNDINGS = {"rne": 0, "rtz": 1, "rdn": 2, "rup": 3, "rmm": 4, "dyn": DYNAMIC}


@dataclass(frozen=True)
class Row:
    """How one instruction is encoded, and which register files its operands are in."""

    base: int
    sources: str  # "ff": two floating-point sources; "x": one integer source
    result: str  # "f" or "x"
    width: str  # of the operands: "s" or "d"
    rounded: bool  # bits 14-12 are a rounding mode


def table() -> dict[str, Row]:
    """Every computational instruction by its mnemonic."""
    rows = {}
    for fmt, s in enumerate("sd"):
        other = 1 - fmt

        def add(name, funct5, sources, result="f", rs2=0, funct3=None, s=s, fmt=fmt):
            base = 0x53 | funct5 << 27 | fmt << 25 | rs2 << 20 | (funct3 or 0) << 12
            rows[name] = Row(base, sources, result, s, funct3 is None)

        for name, funct5 in {"fadd": 0, "fsub": 1, "fmul": 2, "fdiv": 3}.items():
            add(f"{name}.{s}", funct5, "ff")
        add(f"fsqrt.{s}", 0x0B, "f")
        for funct3, name in enumerate(("fsgnj", "fsgnjn", "fsgnjx")):
            add(f"{name}.{s}", 0x04, "ff", funct3=funct3)
        for funct3, name in enumerate(("fmin", "fmax")):
            add(f"{name}.{s}", 0x05, "ff", funct3=funct3)
        for funct3, name in enumerate(("fle", "flt", "feq")):
            add(f"{name}.{s}", 0x14, "ff", "x", funct3=funct3)
        add(f"fclass.{s}", 0x1C, "f", "x", funct3=1)
        for rs2, integer in enumerate(("w", "wu", "l", "lu")):
            add(f"fcvt.{integer}.{s}", 0x18, "f", "x", rs2)
            add(f"fcvt.{s}.{integer}", 0x1A, "x", "f", rs2)
        bits = "wd"[fmt]
        add(f"fmv.x.{bits}", 0x1C, "f", "x", funct3=0)
        add(f"fmv.{bits}.x", 0x1E, "x", "f", funct3=0)
        add(f"fcvt.{s}.{'sd'[other]}", 0x08, "f", rs2=other)
        for opcode, name in {0x43: "fmadd", 0x47: "fmsub", 0x4B: "fnmsub", 0x4F: "fnmadd"}.items():
            rows[f"{name}.{s}"] = Row(opcode | fmt << 25, "fff", "f", s, True)
    # The operand of a conversion between the formats is of the other one.
    for name, width in (("fcvt.s.d", "d"), ("fcvt.d.s", "s")):
        row = rows[name]
        rows[name] = Row(row.base, row.sources, row.result, width, row.rounded)
    return rows


TABLE = table()


def encode(name: str, rd: int, rs1: int, rs2: int = 0, rs3: int = 0, rm: int = 0) -> int:
    """The word of `name`; operands that it does not have are ignored."""
    row = TABLE[name]
    word = row.base | rd << 7 | rs1 << 15
    if len(row.sources) >= 2:
        word |= rs2 << 20
    if len(row.sources) == 3:
        word |= rs3 << 27
    return word | rm << 12 if row.rounded else word


def load(width: str, rd: int, base: int, offset: int) -> int:
    """flw or fld."""
    return 0x07 | {"s": 2, "d": 3}[width] << 12 | rd << 7 | base << 15 | (offset & 0xFFF) << 20


def store(width: str, source: int, base: int, offset: int) -> int:
    """fsw or fsd."""
    low, high = offset & 31, offset >> 5 & 127
    return 0x27 | {"s": 2, "d": 3}[width] << 12 | low << 7 | base << 15 | source << 20 | high << 25
