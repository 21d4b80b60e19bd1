"""What F and D instructions leave in their result register and in fflags, from exact arithmetic. [unpriv 11,
12]

``compute(name, a, b, c, rm)``: operands and result are register contents, so singles are in their NaN box.
"""

from __future__ import annotations

from oracles import ieee754 as ieee
from oracles.ieee754 import F32, F64, Format
from oracles.rv64 import MASK, extend, signed

BOX = 0xFFFF_FFFF << 32
FORMATS = {"s": F32, "d": F64}
INTEGERS = {"w": (32, False), "wu": (32, True), "l": (64, False), "lu": (64, True)}


def unbox(fmt: Format, register: int) -> int:
    """A single that is not in its box reads as the canonical NaN."""
    if fmt is F64:
        return register
    return register & 0xFFFF_FFFF if register >> 32 == 0xFFFF_FFFF else F32.nan


def box(fmt: Format, bits: int) -> int:
    return bits if fmt is F64 else BOX | bits


def compute(name: str, a: int, b: int = 0, c: int = 0, rm: int = 0) -> tuple[int, int]:
    """(register, flags) of the instruction."""
    parts = name.split(".")
    if parts[0] == "fmv":
        return move(parts, a), 0
    if parts[0] == "fcvt":
        return conversion(parts[1], parts[2], a, rm)
    operation, fmt = parts[0], FORMATS[parts[1]]
    a, b, c = unbox(fmt, a), unbox(fmt, b), unbox(fmt, c)
    if operation in ("feq", "flt", "fle"):
        return ieee.compare(fmt, operation, a, b)
    if operation == "fclass":
        return ieee.classify(fmt, a), 0
    bits, flags = arithmetic(operation, fmt, a, b, c, rm)
    return box(fmt, bits), flags


def arithmetic(operation: str, fmt: Format, a: int, b: int, c: int, rm: int) -> tuple[int, int]:
    minus = fmt.sign_bit  # flipping it negates, NaNs included
    sign_b = b & minus
    match operation:
        case "fadd":
            return ieee.add(fmt, a, b, rm)
        case "fsub":
            return ieee.add(fmt, a, b ^ minus, rm)
        case "fmul":
            return ieee.mul(fmt, a, b, rm)
        case "fdiv":
            return ieee.div(fmt, a, b, rm)
        case "fsqrt":
            return ieee.sqrt(fmt, a, rm)
        case "fmadd":
            return ieee.fma(fmt, a, b, c, rm)
        case "fmsub":
            return ieee.fma(fmt, a, b, c ^ minus, rm)
        case "fnmsub":
            return ieee.fma(fmt, a ^ minus, b, c, rm)
        case "fnmadd":
            return ieee.fma(fmt, a ^ minus, b, c ^ minus, rm)
        case "fmin" | "fmax":
            return ieee.minimum(fmt, a, b, largest=operation == "fmax")
        case "fsgnj":
            return a & ~minus | sign_b, 0
        case "fsgnjn":
            return a & ~minus | sign_b ^ minus, 0
        case "fsgnjx":
            return a ^ sign_b, 0
    raise KeyError(operation)


def conversion(target: str, source: str, a: int, rm: int) -> tuple[int, int]:
    if target in INTEGERS:
        width, unsigned = INTEGERS[target]
        fmt = FORMATS[source]
        number, flags = ieee.to_int(fmt, unbox(fmt, a), rm, width, unsigned)
        return extend(number, width) & MASK, flags
    to = FORMATS[target]
    if source in INTEGERS:
        width, unsigned = INTEGERS[source]
        number = a & 2**width - 1 if unsigned else signed(a, width)
        bits, flags = ieee.round_to(to, ieee.Fraction(number), rm)
    else:
        of = FORMATS[source]
        bits, flags = ieee.convert(of, to, unbox(of, a), rm)
    return box(to, bits), flags


def move(parts: list[str], a: int) -> int:
    """fmv moves bits: of a single, whatever is above it is ignored, or becomes the sign or the box."""
    match parts[1:]:
        case ["x", "w"]:
            return extend(a, 32)
        case ["w", "x"]:
            return BOX | a & 0xFFFF_FFFF
    return a
