"""Corner cases of every instruction, as data: what the hart starts with, and what must be there afterwards.

Expected values come from tests/oracles. ``TABLE[mnemonic]`` is the list of that instruction's cases; what is
not in a case's ``expect`` must be as it was, and the next instruction follows.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hart import floating_programs as floating
from oracles import encode_fp, rv64, rv64_fp
from oracles.encode import TABLE as ENCODINGS
from oracles.encode import encode

CODE, DATA, DATA_SIZE = 0x8000_1000, 0x8000_2000, 0x1000
MIDDLE = DATA + 0x800
BASE_X = {number: 0x0101_0101_0101_0101 * number for number in range(1, 32)}

ILLEGAL, BREAKPOINT = 2, 3
LOAD_MISALIGNED, LOAD_FAULT, STORE_MISALIGNED, STORE_FAULT = 4, 5, 6, 7
NOWHERE = 0x1000  # no memory, no device


@dataclass
class Case:
    word: int
    x: dict[int, int] = field(default_factory=dict)
    f: dict[int, int] = field(default_factory=dict)
    memory: bytes = b""  # at MIDDLE
    csrs: dict[str, int] = field(default_factory=dict)
    privilege: str = "M"
    result: dict[int, int] = field(default_factory=dict)  # x registers
    f_result: dict[int, int] = field(default_factory=dict)
    memory_after: bytes | None = None  # at MIDDLE
    csrs_after: dict[str, int] = field(default_factory=dict)
    pc: int = CODE + 4
    privilege_after: str | None = None
    trap: tuple[int, int] | None = None  # cause, tval
    waiting: bool = False


EDGES = [
    0, 1, 2, 31, 32, 63, 64, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 2**63 - 1, 2**63, 2**63 + 1,
    2**64 - 1,     2**64 - 2, 0xFFFF_FFFF_8000_0000, 0xFFFF_FFFF_7FFF_FFFF, 0xDEAD_BEEF_0BAD_F00D,
]  # fmt: skip
IMMEDIATES = [0, 1, -1, 2047, -2048, 0x555]
M64 = rv64.MASK


def register_register(name: str) -> Iterator[Case]:
    compute = rv64.COMPUTE[name]
    for a, b in itertools.product(EDGES, EDGES):
        yield Case(encode(name, 5, 6, 7), {6: a, 7: b}, result={5: compute(a, b)})
    a = 0x8000_0000_0000_0007
    yield Case(encode(name, 6, 6, 6), {6: a}, result={6: compute(a, a)})
    yield Case(encode(name, 7, 6, 7), {6: a, 7: 3}, result={7: compute(a, 3)})
    yield Case(encode(name, 0, 6, 7), {6: a, 7: 3})
    yield Case(encode(name, 5, 0, 7), {7: 3}, result={5: compute(0, 3)})


def register_immediate(name: str) -> Iterator[Case]:
    form = ENCODINGS[name][0]
    immediates = {"SH6": [0, 1, 31, 32, 33, 63], "SH5": [0, 1, 16, 31]}.get(form, IMMEDIATES)
    for a, imm in itertools.product(EDGES, immediates):
        yield Case(encode(name, 5, 6, imm=imm), {6: a}, result={5: rv64.COMPUTE[name](a, imm & M64)})
    yield Case(
        encode(name, 6, 6, imm=immediates[1]), {6: 9}, result={6: rv64.COMPUTE[name](9, immediates[1])}
    )
    yield Case(encode(name, 0, 6, imm=immediates[1]), {6: 9})


def unary(name: str) -> Iterator[Case]:
    for a in [*EDGES, 0x0100_8000_00FF_0010, 0x8000_0000_0000_0000, 0x00FF_0000_1234_0080]:
        yield Case(encode(name, 5, 6), {6: a}, result={5: rv64.UNARY[name](a)})
    yield Case(encode(name, 6, 6), {6: 9}, result={6: rv64.UNARY[name](9)})
    yield Case(encode(name, 0, 6), {6: 9})


def upper(name: str) -> Iterator[Case]:
    base = CODE if name == "auipc" else 0
    for imm in (0, 1, 0x7FFFF, 0x80000, 0xFFFFF):
        value = base + rv64.extend(imm << 12) & M64
        yield Case(encode(name, 5, imm=imm), result={5: value})
        yield Case(encode(name, 0, imm=imm))


def jumps(name: str) -> Iterator[Case]:
    if name == "jal":
        for offset in (0, 4, 2, -2, 0xFFFFE, -0x100000):
            yield Case(encode(name, 1, imm=offset), result={1: CODE + 4}, pc=CODE + offset)
            yield Case(encode(name, 0, imm=offset), pc=CODE + offset)
        return
    for base, offset in itertools.product((DATA, DATA + 1, 0, 2**64 - 1, 2**63), IMMEDIATES):
        target = base + offset & M64 & ~1
        yield Case(encode(name, 5, 6, imm=offset), {6: base}, result={5: CODE + 4}, pc=target)
        yield Case(
            encode(name, 6, 6, imm=offset), {6: base}, result={6: CODE + 4}, pc=target
        )  # the old rs1 counts


def branch(name: str) -> Iterator[Case]:
    for a, b in itertools.product(EDGES, EDGES):
        for offset in (16,) if a != b else (4094, -4096, 2, 0):
            target = CODE + offset if rv64.TAKEN[name](a, b) else CODE + 4
            yield Case(encode(name, rs1=6, rs2=7, imm=offset), {6: a, 7: b}, pc=target)


THREE = (3).to_bytes(8, "little")
PATTERN = bytes(range(0x71, 0x81)) + bytes(range(0xF1, 0x100)) + b"\x80"


def load(name: str) -> Iterator[Case]:
    size, is_signed = rv64.LOAD[name]
    for at, imm in itertools.product(range(24), (0, 7, -2048, 2047)):  # misaligned too
        raw = int.from_bytes(PATTERN[at : at + size], "little")
        value = rv64.extend(raw, 8 * size) if is_signed else raw
        address = {6: MIDDLE + at - imm}
        yield Case(encode(name, 5, 6, imm=imm), address, memory=PATTERN, result={5: value})
    yield Case(encode(name, 6, 6), {6: MIDDLE}, memory=THREE, result={6: 3})
    yield Case(encode(name, 0, 6), {6: MIDDLE}, memory=PATTERN)
    for address in (NOWHERE, 2**64 - 1, 0x8000_0000 - size):
        yield Case(encode(name, 5, 6), {6: address}, trap=(LOAD_FAULT, address))


def store(name: str) -> Iterator[Case]:
    size = rv64.STORE[name]
    value = 0x8877_6655_4433_2211
    for at, imm in itertools.product(range(24), (0, 7, -2048, 2047)):
        after = PATTERN[:at] + value.to_bytes(8, "little")[:size] + PATTERN[at + size :]
        registers = {6: MIDDLE + at - imm, 7: value}
        yield Case(encode(name, rs1=6, rs2=7, imm=imm), registers, memory=PATTERN, memory_after=after)
    for address in (NOWHERE, 2**64 - 1, 0x8000_0000 - size):
        yield Case(encode(name, rs1=6, rs2=7), {6: address}, trap=(STORE_FAULT, address))


def atomic(name: str) -> Iterator[Case]:
    size, extend_from = (8, 64) if name.endswith(".d") else (4, 32)
    for memory, register, order in itertools.product(EDGES, EDGES, (0, 3)):
        before = memory.to_bytes(8, "little")
        after = rv64.combine(name, memory, register).to_bytes(size, "little") + before[size:]
        old = rv64.extend(memory, extend_from)
        word = encode(name, 5, 6, 7) | order << 25
        yield Case(word, {6: MIDDLE, 7: register}, memory=before, result={5: old}, memory_after=after)
    same = rv64.combine(name, 3, MIDDLE).to_bytes(size, "little")
    yield Case(encode(name, 6, 6, 6), {6: MIDDLE}, memory=THREE, result={6: 3}, memory_after=same)
    yield Case(encode(name, 0, 6, 0), {6: MIDDLE}, memory=THREE,
               memory_after=rv64.combine(name, 3, 0).to_bytes(size, "little"))  # fmt: skip
    for offset in range(1, size):
        yield Case(encode(name, 5, 6, 7), {6: MIDDLE + offset}, trap=(STORE_MISALIGNED, MIDDLE + offset))
    yield Case(encode(name, 5, 6, 7), {6: NOWHERE}, trap=(STORE_FAULT, NOWHERE))


def load_reserved(name: str) -> Iterator[Case]:
    size = 8 if name.endswith(".d") else 4
    for value in EDGES:
        raw = value.to_bytes(8, "little")
        expected = rv64.extend(value, 8 * size)
        yield Case(encode(name, 5, 6), {6: MIDDLE}, memory=raw, result={5: expected}, memory_after=raw)
    for offset in range(1, size):
        yield Case(encode(name, 5, 6), {6: MIDDLE + offset}, trap=(LOAD_MISALIGNED, MIDDLE + offset))
    yield Case(encode(name, 5, 6), {6: NOWHERE}, trap=(LOAD_FAULT, NOWHERE))


def store_conditional(name: str) -> Iterator[Case]:
    """Without a reservation; with one, see test_stops.py and the random sequences."""
    size = 8 if name.endswith(".d") else 4
    yield Case(encode(name, 5, 6, 7), {6: MIDDLE}, memory=PATTERN, result={5: 1}, memory_after=PATTERN)
    yield Case(encode(name, 0, 6, 7), {6: MIDDLE}, memory=PATTERN, memory_after=PATTERN)
    for offset in range(1, size):
        yield Case(encode(name, 5, 6, 7), {6: MIDDLE + offset}, trap=(STORE_MISALIGNED, MIDDLE + offset))


def csr_access(name: str) -> Iterator[Case]:
    """On mscratch, which holds anything, and on registers with rights. [unpriv Table 9.1]"""
    immediate = name.endswith("i")
    operation = rv64.CSR[name.removesuffix("i")]
    funct3 = {"csrrw": 1, "csrrs": 2, "csrrc": 3}[name.removesuffix("i")] + (4 if immediate else 0)

    def word(csr: int, rd: int, source: int) -> int:
        return 0x73 | funct3 << 12 | csr << 20 | rd << 7 | source << 15

    mscratch, mhartid, absent, mstatus = 0x340, 0xF14, 0x3FF, 0x300
    for old in (0, 1, 0x15, M64, 1 << 63):
        for operand in (0, 1, 0x1F) if immediate else (0, 1, 0x15, M64):
            source = operand if immediate else 6
            after = {"mscratch": operation(old, operand)}
            before, x = {"mscratch": old}, {6: operand}
            yield Case(word(mscratch, 5, source), x, csrs=before, result={5: old}, csrs_after=after)
            yield Case(word(mscratch, 0, source), x, csrs=before, csrs_after=after)
            if not immediate:
                yield Case(word(mscratch, 6, source), x, csrs=before, result={6: old}, csrs_after=after)
    writes = word(mhartid, 5, 1)
    yield Case(writes, trap=(ILLEGAL, writes))
    only_reads = word(mhartid, 5, 0)
    if name.startswith("csrrw"):
        yield Case(only_reads, trap=(ILLEGAL, only_reads))
    else:
        yield Case(only_reads, result={5: 0})
    for privilege, csr in (("M", absent), ("S", mscratch), ("U", mstatus), ("U", 0x100)):
        yield Case(word(csr, 5, 0), privilege=privilege, trap=(ILLEGAL, word(csr, 5, 0)))


MRET, SRET, WFI, ECALL, EBREAK = 0x3020_0073, 0x1020_0073, 0x1050_0073, 0x73, 0x0010_0073
MIE, MPIE, SIE, SPIE, SPP, MPRV = 1 << 3, 1 << 7, 1 << 1, 1 << 5, 1 << 8, 1 << 17
TVM, TW, TSR, FS, XL = 1 << 20, 1 << 21, 1 << 22, 3 << 13, 10 << 32 | 1 << 63
THERE = 0x8000_3000


def sfence(rs1: int, rs2: int) -> int:
    return 0x1200_0073 | rs1 << 15 | rs2 << 20


def privileged(name: str) -> Iterator[Case]:
    match name:
        case "ecall":
            for cause, privilege in ((8, "U"), (9, "S"), (11, "M")):
                yield Case(ECALL, privilege=privilege, trap=(cause, 0))
        case "ebreak":
            for privilege in "USM":
                yield Case(EBREAK, privilege=privilege, trap=(BREAKPOINT, CODE))
        case "mret":
            for mpp, to in ((0, "U"), (1, "S"), (3, "M")):
                for mpie in (0, MPIE):
                    before = FS | mpp << 11 | mpie | MPRV
                    after = XL | FS | MPIE | (MIE if mpie else 0) | (MPRV if to == "M" else 0)
                    yield Case(MRET, csrs={"mstatus": before, "mepc": THERE}, pc=THERE, privilege_after=to,
                               csrs_after={"mstatus": after})  # fmt: skip
            for privilege in "US":
                yield Case(MRET, privilege=privilege, trap=(ILLEGAL, MRET))
        case "sret":
            for spp, to in ((0, "U"), (SPP, "S")):
                for spie, privilege in itertools.product((0, SPIE), "SM"):
                    before = FS | spp | spie | MPRV
                    after = XL | FS | SPIE | (SIE if spie else 0)
                    yield Case(SRET, csrs={"mstatus": before, "sepc": THERE}, pc=THERE, privilege=privilege,
                               privilege_after=to, csrs_after={"mstatus": after})  # fmt: skip
            yield Case(SRET, privilege="U", trap=(ILLEGAL, SRET))
            yield Case(SRET, privilege="S", csrs={"mstatus": FS | TSR}, trap=(ILLEGAL, SRET))
            yield Case(SRET, csrs={"mstatus": FS | TSR, "sepc": THERE}, pc=THERE, privilege_after="U")
        case "wfi":
            for privilege in "SM":
                yield Case(WFI, privilege=privilege, waiting=True)
            yield Case(WFI, privilege="M", csrs={"mstatus": FS | TW}, waiting=True)
            yield Case(WFI, privilege="S", csrs={"mstatus": FS | TW}, trap=(ILLEGAL, WFI))
            yield Case(WFI, privilege="U", trap=(ILLEGAL, WFI))
        case "sfence.vma":
            for rs1, rs2 in itertools.product((0, 6), (0, 7)):
                word = sfence(rs1, rs2)
                for privilege in "SM":
                    yield Case(word, privilege=privilege)
                yield Case(word, privilege="M", csrs={"mstatus": FS | TVM})
                yield Case(word, privilege="S", csrs={"mstatus": FS | TVM}, trap=(ILLEGAL, word))
                yield Case(word, privilege="U", trap=(ILLEGAL, word))
        case "fence":
            for ordering in (0x0FF, 0x000, 0x833, 0xFFF):
                yield Case(0x0F | ordering << 20)
            yield Case(0x0F | 0x0FF << 20 | 5 << 7 | 6 << 15)
        case "fence.i":
            yield Case(0x100F)
            yield Case(0x100F | 0x123 << 20 | 5 << 7 | 6 << 15)


def floating_operands(row: encode_fp.Row) -> Iterable[tuple[int, ...]]:
    if row.sources == "x":
        return [(v,) for v in floating.INTEGERS + [-v & M64 for v in floating.INTEGERS]]
    box, sign = (floating.BOX, 1 << 31) if row.width == "s" else (0, 1 << 63)
    plain = floating.SINGLES if row.width == "s" else floating.DOUBLES
    values = [box | v for v in plain] + [box | v | sign for v in plain]
    if row.width == "s":
        values += [0x3F80_0000, 0xFFFF_FFFE_3F80_0000, 0x7FFF_FFFF_3F80_0000]  # not in their box
    if len(row.sources) == 1:
        return [(v,) for v in values]
    few = values[:: 7 if len(row.sources) == 2 else 13] + [box | plain[-1], values[0], values[len(plain)]]
    infinity, nan = box | (0x7F80_0000 if box else 0x7FF << 52), box | (0x7F80_0001 if box else 0x7FF4 << 48)
    few += [infinity, nan]
    return itertools.product(few, repeat=len(row.sources))


def floating_point(name: str) -> Iterator[Case]:
    row = encode_fp.TABLE[name]
    rd, rs1 = 4, {"f": 1, "x": 6}[row.sources[0]]
    modes = range(5) if row.rounded else (0,)
    for number, operands in enumerate(floating_operands(row)):
        for rm in (
            modes if number % 5 == 0 or len(row.sources) < 3 else (number % 5,) if row.rounded else (0,)
        ):
            value, flags = rv64_fp.compute(name, *operands, rm=rm)
            f = {} if row.sources == "x" else dict(enumerate(operands, 1))
            x = {6: operands[0]} if row.sources == "x" else {}
            word = encode_fp.encode(name, rd, rs1, 2, 3, rm)
            wrote = {"f_result": {rd: value}} if row.result == "f" else {"result": {rd: value}}
            yield Case(word, x, f, csrs={"fcsr": 0}, csrs_after={"fcsr": flags}, **wrote)
    word = encode_fp.encode(name, rd, rs1, 2, 3, 0)
    yield Case(word, csrs={"mstatus": 0}, trap=(ILLEGAL, word))
    if row.rounded:
        for rm in (5, 6):
            word = encode_fp.encode(name, rd, rs1, 2, 3, rm)
            yield Case(word, trap=(ILLEGAL, word))
        for frm in (5, 6, 7):
            word = encode_fp.encode(name, rd, rs1, 2, 3, encode_fp.DYNAMIC)
            yield Case(word, csrs={"frm": frm}, trap=(ILLEGAL, word))


def floating_memory(name: str) -> Iterator[Case]:
    size, width = (4, "s") if name.endswith("w") else (8, "d")
    value = 0x8877_6655_4433_2211
    for at, imm in itertools.product(range(24), (0, -2048, 2047)):
        address = {6: MIDDLE + at - imm}
        if name[1] == "l":
            raw = int.from_bytes(PATTERN[at : at + size], "little")
            box = floating.BOX if size == 4 else 0
            yield Case(encode_fp.load(width, 4, 6, imm), address, memory=PATTERN, f_result={4: box | raw})
        else:
            after = PATTERN[:at] + value.to_bytes(8, "little")[:size] + PATTERN[at + size :]
            yield Case(encode_fp.store(width, 4, 6, imm), address, {4: value}, PATTERN, memory_after=after)
    word = encode_fp.load(width, 4, 6, 0) if name[1] == "l" else encode_fp.store(width, 4, 6, 0)
    cause = LOAD_FAULT if name[1] == "l" else STORE_FAULT
    yield Case(word, {6: NOWHERE}, trap=(cause, NOWHERE))
    yield Case(word, {6: MIDDLE}, csrs={"mstatus": 0}, trap=(ILLEGAL, word))


def cases(name: str) -> Iterator[Case]:
    """The cases of one instruction; KeyError when nobody has written any."""
    groups = {
        unary: rv64.UNARY,
        register_register: [n for n, row in ENCODINGS.items() if row[1] in (0x33, 0x3B)],
        register_immediate: [n for n, row in ENCODINGS.items() if row[1] in (0x13, 0x1B)],
        upper: ["lui", "auipc"],
        jumps: ["jal", "jalr"],
        branch: rv64.TAKEN,
        load: rv64.LOAD,
        store: rv64.STORE,
        atomic: rv64.ATOMIC,
        load_reserved: ["lr.w", "lr.d"],
        store_conditional: ["sc.w", "sc.d"],
        csr_access: [n + i for n in rv64.CSR for i in ("", "i")],
        privileged: ["ecall", "ebreak", "mret", "sret", "wfi", "sfence.vma", "fence", "fence.i"],
        floating_point: encode_fp.TABLE,
        floating_memory: ["flw", "fld", "fsw", "fsd"],
    }
    for group, names in groups.items():
        if name in names:
            return group(name)
    raise KeyError(f"{name} has no corner cases: give it a row in tests/hart/corner_cases.py")


def code_of(case: Case) -> bytes:
    return struct.pack("<I", case.word)
