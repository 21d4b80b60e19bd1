"""Encodings of RV64IMA instructions, written from the tables of the unprivileged spec and nothing of the
engine.

``encode("addi", rd=1, rs1=2, imm=-3)`` is the 32-bit word. It is the half of a differential test that must
not share a mistake with the engine's own assembler, so it is a table of opcode, funct3 and funct7 as the spec
prints them.
"""

from __future__ import annotations

# name: (format, opcode, funct3, funct7 or funct5 << 2)
TABLE = {
    "lui": ("U", 0x37, 0, 0),
    "auipc": ("U", 0x17, 0, 0),
    "jal": ("J", 0x6F, 0, 0),
    "jalr": ("I", 0x67, 0, 0),
    **{
        name: ("B", 0x63, funct3, 0)
        for name, funct3 in {"beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7}.items()
    },
    **{
        name: ("I", 0x03, funct3, 0)
        for name, funct3 in {"lb": 0, "lh": 1, "lw": 2, "ld": 3, "lbu": 4, "lhu": 5, "lwu": 6}.items()
    },
    **{name: ("S", 0x23, funct3, 0) for name, funct3 in {"sb": 0, "sh": 1, "sw": 2, "sd": 3}.items()},
    **{
        name: ("I", 0x13, funct3, 0)
        for name, funct3 in {"addi": 0, "slti": 2, "sltiu": 3, "xori": 4, "ori": 6, "andi": 7}.items()
    },
    "addiw": ("I", 0x1B, 0, 0),
    "slli": ("SH6", 0x13, 1, 0x00),
    "srli": ("SH6", 0x13, 5, 0x00),
    "srai": ("SH6", 0x13, 5, 0x20),
    "slliw": ("SH5", 0x1B, 1, 0x00),
    "srliw": ("SH5", 0x1B, 5, 0x00),
    "sraiw": ("SH5", 0x1B, 5, 0x20),
    **{
        name: ("R", 0x33, funct3, funct7)
        for name, (funct3, funct7) in {
            "add": (0, 0), "sub": (0, 0x20), "sll": (1, 0), "slt": (2, 0), "sltu": (3, 0), "xor": (4, 0),
            "srl": (5, 0), "sra": (5, 0x20), "or": (6, 0), "and": (7, 0),
            "mul": (0, 1), "mulh": (1, 1), "mulhsu": (2, 1), "mulhu": (3, 1),
            "div": (4, 1), "divu": (5, 1), "rem": (6, 1), "remu": (7, 1),
        }.items()
    },
    **{
        name: ("R", 0x3B, funct3, funct7)
        for name, (funct3, funct7) in {
            "addw": (0, 0), "subw": (0, 0x20), "sllw": (1, 0), "srlw": (5, 0), "sraw": (5, 0x20),
            "mulw": (0, 1), "divw": (4, 1), "divuw": (5, 1), "remw": (6, 1), "remuw": (7, 1),
        }.items()
    },
    **{
        f"{name}.{width}": ("R", 0x2F, funct3, funct5 << 2)
        for name, funct5 in {
            "lr": 0x02, "sc": 0x03, "amoswap": 0x01, "amoadd": 0x00, "amoxor": 0x04, "amoand": 0x0C,
            "amoor": 0x08,
            "amomin": 0x10, "amomax": 0x14, "amominu": 0x18, "amomaxu": 0x1C,
        }.items()
        for width, funct3 in {"w": 2, "d": 3}.items()
    },
}  # fmt: skip

# Zba, Zbb and Zbs [bitmanip]; of "U1", funct7 and rs2 are one field of 12 bits.
BIT_MANIPULATION = {
    **{
        name: ("R", opcode, funct3, funct7)
        for name, (opcode, funct3, funct7) in {
            "add.uw": (0x3B, 0, 0x04), "sh1add": (0x33, 2, 0x10), "sh2add": (0x33, 4, 0x10),
            "sh3add": (0x33, 6, 0x10),
            "sh1add.uw": (0x3B, 2, 0x10), "sh2add.uw": (0x3B, 4, 0x10), "sh3add.uw": (0x3B, 6, 0x10),
            "andn": (0x33, 7, 0x20), "orn": (0x33, 6, 0x20), "xnor": (0x33, 4, 0x20),
            "max": (0x33, 6, 0x05), "maxu": (0x33, 7, 0x05), "min": (0x33, 4, 0x05), "minu": (0x33, 5, 0x05),
            "rol": (0x33, 1, 0x30), "rolw": (0x3B, 1, 0x30), "ror": (0x33, 5, 0x30), "rorw": (0x3B, 5, 0x30),
            "bclr": (0x33, 1, 0x24), "bext": (0x33, 5, 0x24), "binv": (0x33, 1, 0x34),
            "bset": (0x33, 1, 0x14),
        }.items()
    },
    **{
        name: ("SH6", opcode, funct3, funct7)
        for name, (opcode, funct3, funct7) in {
            "slli.uw": (0x1B, 1, 0x04), "rori": (0x13, 5, 0x30), "bclri": (0x13, 1, 0x24),
            "bexti": (0x13, 5, 0x24),
            "binvi": (0x13, 1, 0x34), "bseti": (0x13, 1, 0x14),
        }.items()
    },
    "roriw": ("SH5", 0x1B, 5, 0x30),
    **{
        name: ("U1", opcode, funct3, funct12)
        for name, (opcode, funct3, funct12) in {
            "clz": (0x13, 1, 0x600), "ctz": (0x13, 1, 0x601), "cpop": (0x13, 1, 0x602),
            "clzw": (0x1B, 1, 0x600),
            "ctzw": (0x1B, 1, 0x601), "cpopw": (0x1B, 1, 0x602), "sext.b": (0x13, 1, 0x604),
            "sext.h": (0x13, 1, 0x605), "zext.h": (0x3B, 4, 0x080), "orc.b": (0x13, 5, 0x287),
            "rev8": (0x13, 5, 0x6B8),
        }.items()
    },
}  # fmt: skip
TABLE |= BIT_MANIPULATION


def field(value: int, high: int, low: int) -> int:
    """Bits high to low of `value`, at the bottom."""
    return value >> low & (1 << high - low + 1) - 1


def encode(name: str, rd: int = 0, rs1: int = 0, rs2: int = 0, imm: int = 0) -> int:
    """The word of instruction `name`; `imm` is an offset in bytes, a shift amount, or bits 31-12 of a U
    immediate.
    """
    form, opcode, funct3, funct7 = TABLE[name]
    word = opcode | funct3 << 12
    if form == "R":
        return word | rd << 7 | rs1 << 15 | rs2 << 20 | funct7 << 25
    if form == "I":
        return word | rd << 7 | rs1 << 15 | field(imm, 11, 0) << 20
    if form in ("SH5", "SH6"):
        return word | rd << 7 | rs1 << 15 | field(imm, 5, 0) << 20 | funct7 << 25
    if form == "U1":
        return word | rd << 7 | rs1 << 15 | funct7 << 20
    if form == "S":
        return word | field(imm, 4, 0) << 7 | rs1 << 15 | rs2 << 20 | field(imm, 11, 5) << 25
    if form == "B":
        low = field(imm, 4, 1) << 8 | field(imm, 11, 11) << 7
        return word | low | rs1 << 15 | rs2 << 20 | field(imm, 10, 5) << 25 | field(imm, 12, 12) << 31
    if form == "U":
        return opcode | rd << 7 | field(imm, 19, 0) << 12
    high = (
        field(imm, 20, 20) << 31
        | field(imm, 10, 1) << 21
        | field(imm, 11, 11) << 20
        | field(imm, 19, 12) << 12
    )
    return opcode | rd << 7 | high
