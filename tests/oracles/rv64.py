"""What RV64IMA instructions compute, one small obvious function each. [unpriv 2, 5, 7, 8]

Values are unsigned 64-bit integers, as registers hold them. ``COMPUTE[name](a, b)`` is rd, with b either rs2
or the sign-extended immediate; ``TAKEN[name](a, b)`` whether a branch goes; ``COMBINE[name](memory,
register)`` what an atomic leaves in memory, in the access's width.
"""

from __future__ import annotations

from collections.abc import Callable

MASK = 2**64 - 1


def signed(value: int, width: int = 64) -> int:
    """The two's complement number in the low `width` bits."""
    value &= 2**width - 1
    return value - 2**width if value >> width - 1 else value


def extend(value: int, width: int = 32) -> int:
    """The low `width` bits, sign-extended to a register."""
    return signed(value, width) & MASK


def divide(a: int, b: int) -> int:
    """Signed quotient towards zero; -1 for a division by zero. The overflow needs no case: Python's numbers
    do not end.
    """
    if b == 0:
        return -1
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def remainder(a: int, b: int) -> int:
    return a if b == 0 else a - b * divide(a, b)


def unsigned_divide(a: int, b: int) -> int:
    return -1 if b == 0 else a // b


def unsigned_remainder(a: int, b: int) -> int:
    return a if b == 0 else a % b


def low(a: int) -> int:
    return a & 0xFFFF_FFFF


_FULL: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "sll": lambda a, b: a << b % 64,
    "slt": lambda a, b: signed(a) < signed(b),
    "sltu": lambda a, b: a < b,
    "xor": lambda a, b: a ^ b,
    "srl": lambda a, b: a >> b % 64,
    "sra": lambda a, b: signed(a) >> b % 64,
    "or": lambda a, b: a | b,
    "and": lambda a, b: a & b,
    "mul": lambda a, b: a * b,
    "mulh": lambda a, b: signed(a) * signed(b) >> 64,
    "mulhsu": lambda a, b: signed(a) * b >> 64,
    "mulhu": lambda a, b: a * b >> 64,
    "div": lambda a, b: divide(signed(a), signed(b)),
    "divu": unsigned_divide,
    "rem": lambda a, b: remainder(signed(a), signed(b)),
    "remu": unsigned_remainder,
}
_WORD: dict[str, Callable[[int, int], int]] = {
    "addw": lambda a, b: a + b,
    "subw": lambda a, b: a - b,
    "sllw": lambda a, b: a << b % 32,
    "srlw": lambda a, b: low(a) >> b % 32,
    "sraw": lambda a, b: signed(a, 32) >> b % 32,
    "mulw": lambda a, b: a * b,
    "divw": lambda a, b: divide(signed(a, 32), signed(b, 32)),
    "divuw": lambda a, b: unsigned_divide(low(a), low(b)),
    "remw": lambda a, b: remainder(signed(a, 32), signed(b, 32)),
    "remuw": lambda a, b: unsigned_remainder(low(a), low(b)),
}
_IMMEDIATE = {
    "addi": "add", "slti": "slt", "sltiu": "sltu", "xori": "xor", "ori": "or", "andi": "and", "slli": "sll",
    "srli": "srl", "srai": "sra", "addiw": "addw", "slliw": "sllw", "srliw": "srlw", "sraiw": "sraw",
}  # fmt: skip


def leading_zeros(a: int, width: int) -> int:
    return width - (a % 2**width).bit_length()


def trailing_zeros(a: int, width: int) -> int:
    return next((n for n in range(width) if a >> n & 1), width)


def rotate(a: int, left: int, width: int) -> int:
    text = format(a % 2**width, f"0{width}b")
    left %= width
    return int(text[left:] + text[:left], 2)


# Zba, Zbb and Zbs [bitmanip 2.1, 2.2, 2.4]
_FULL |= {
    "add.uw": lambda a, b: low(a) + b,
    "sh1add": lambda a, b: 2 * a + b,
    "sh2add": lambda a, b: 4 * a + b,
    "sh3add": lambda a, b: 8 * a + b,
    "sh1add.uw": lambda a, b: 2 * low(a) + b,
    "sh2add.uw": lambda a, b: 4 * low(a) + b,
    "sh3add.uw": lambda a, b: 8 * low(a) + b,
    "slli.uw": lambda a, b: low(a) << b,
    "andn": lambda a, b: a & ~b,
    "orn": lambda a, b: a | ~b,
    "xnor": lambda a, b: ~(a ^ b),
    "max": lambda a, b: max(signed(a), signed(b)),
    "maxu": max,
    "min": lambda a, b: min(signed(a), signed(b)),
    "minu": min,
    "rol": lambda a, b: rotate(a, b, 64),
    "ror": lambda a, b: rotate(a, -b, 64),
    "bclr": lambda a, b: a & ~(1 << b % 64),
    "bext": lambda a, b: a >> b % 64 & 1,
    "binv": lambda a, b: a ^ 1 << b % 64,
    "bset": lambda a, b: a | 1 << b % 64,
}
_WORD |= {
    "rolw": lambda a, b: rotate(a, b, 32),
    "rorw": lambda a, b: rotate(a, -b, 32),
}
_IMMEDIATE |= {
    "rori": "ror", "roriw": "rorw", "bclri": "bclr", "bexti": "bext", "binvi": "binv", "bseti": "bset",
}  # fmt: skip

# Of one operand.
UNARY: dict[str, Callable[[int], int]] = {
    "clz": lambda a: leading_zeros(a, 64),
    "clzw": lambda a: leading_zeros(a, 32),
    "ctz": lambda a: trailing_zeros(a, 64),
    "ctzw": lambda a: trailing_zeros(a, 32),
    "cpop": lambda a: a.bit_count(),
    "cpopw": lambda a: low(a).bit_count(),
    "sext.b": lambda a: extend(a, 8),
    "sext.h": lambda a: extend(a, 16),
    "zext.h": lambda a: a % 2**16,
    "orc.b": lambda a: int.from_bytes(255 if byte else 0 for byte in a.to_bytes(8, "little")[::-1]),
    "rev8": lambda a: int.from_bytes(a.to_bytes(8, "little")),
}


def _full(f: Callable[[int, int], int]) -> Callable[[int, int], int]:
    return lambda a, b: f(a, b) & MASK


def _word(f: Callable[[int, int], int]) -> Callable[[int, int], int]:
    return lambda a, b: extend(f(a, b), 32)


COMPUTE = {name: _full(f) for name, f in _FULL.items()} | {name: _word(f) for name, f in _WORD.items()}
COMPUTE |= {immediate: COMPUTE[name] for immediate, name in _IMMEDIATE.items()}

TAKEN: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b,
    "bgeu": lambda a, b: a >= b,
}

# Bytes, and whether the value is sign-extended.
LOAD = {"lb": (1, True), "lh": (2, True), "lw": (4, True), "ld": (8, False), "lbu": (1, False),
        "lhu": (2, False),
        "lwu": (4, False)}  # fmt: skip
STORE = {"sb": 1, "sh": 2, "sw": 4, "sd": 8}

_COMBINE: dict[str, Callable[[int, int, int], int]] = {
    "amoswap": lambda m, r, n: r,
    "amoadd": lambda m, r, n: m + r,
    "amoxor": lambda m, r, n: m ^ r,
    "amoand": lambda m, r, n: m & r,
    "amoor": lambda m, r, n: m | r,
    "amomin": lambda m, r, n: min(signed(m, n), signed(r, n)),
    "amomax": lambda m, r, n: max(signed(m, n), signed(r, n)),
    "amominu": lambda m, r, n: min(m, r),
    "amomaxu": lambda m, r, n: max(m, r),
}


def combine(name: str, memory: int, register: int) -> int:
    """What the atomic `name` (with its .w or .d) leaves in memory."""
    operation, _, width = name.partition(".")
    bits = 64 if width == "d" else 32
    mask = 2**bits - 1
    return _COMBINE[operation](memory & mask, register & mask, bits) & mask


ATOMIC = [f"{name}.{width}" for name in _COMBINE for width in "wd"]
CSR: dict[str, Callable[[int, int], int]] = {
    "csrrw": lambda old, operand: operand,
    "csrrs": lambda old, operand: old | operand,
    "csrrc": lambda old, operand: old & ~operand & MASK,
}
