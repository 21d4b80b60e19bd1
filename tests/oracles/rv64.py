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
