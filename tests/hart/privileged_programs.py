"""Random programs for M-, S- and U-mode: blocks that set control registers, page tables and protection,
enter a mode, and do one thing there. What came of each is a record in a log, which the program sends to the
serial port at its end.

Each block begins in M-mode and ends there, by a trap or without. The trap handlers write the records.
Registers: s10 is the end of the log, s11 where the block ends, a0 the result of what was done.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

import hartlab as hl

BASE = 0x8000_0000
M_VECTORS, S_VECTORS, M_HANDLER, S_HANDLER, BLOCKS = (BASE + at for at in (0x80, 0x100, 0x200, 0x400, 0x1000))
ROOT, MIDDLE, LEAVES, LOG = (BASE + at for at in (0x20_0000, 0x20_1000, 0x20_2000, 0x40_0000))
OWN = 8 << 20  # what the program itself needs, from BASE on
PLACE = BASE + (16 << 20)  # two pages that the accesses are to
VA = 0x1_4020_0000  # where they may be mapped: entry 5 of the root, 1 of the table below, 0 and 1 of the last
UART, TEST, CLINT = 0x1000_0000, 0x10_0000, 0x0200_0000
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
TWO_ECALLS = 0x0000_0073_0000_0073
M64 = (1 << 64) - 1
EVERYTHING = (1 << 54) - 1
ADUE = 1 << 61  # of menvcfg: A and D are set by hardware

RECORD = struct.Struct("<8Q")
FIELDS = ("kind", "cause", "epc", "tval", "status", "pending", "result", "extra")


@dataclass
class Record:
    """What a handler, or the end of a block, has seen."""

    kind: int  # 1: in the M-mode handler, 2: in the S-mode handler, 3: at the end of the block, 4: a register
    cause: int
    epc: int
    tval: int
    status: int
    pending: int
    result: int
    extra: int


def records(log: bytes) -> list[Record]:
    return [Record(*RECORD.unpack_from(log, at)) for at in range(0, len(log) - len(log) % 64, 64)]


def _record(kind: int, cause: str, epc: str, tval: str, status: str, pending: str, extra: str) -> str:
    """Appends a record. Changes t0."""
    parts = [f"li t0, {kind}; sd t0, 0(s10)"]
    for at, source in ((8, cause), (16, epc), (24, tval), (32, status), (40, pending), (56, extra)):
        parts.append(f"csrr t0, {source}; sd t0, {at}(s10)" if source else f"sd zero, {at}(s10)")
    return "; ".join([*parts, "sd a0, 48(s10)", "addi s10, s10, 64"])


def _handlers() -> bytes:
    image = bytearray(BLOCKS - BASE)

    def put(at: int, text: str) -> None:
        code = hl.asm(text, origin=at)
        image[at - BASE : at - BASE + len(code)] = code

    put(BASE, f"jal zero, {BLOCKS}")
    put(M_VECTORS, "; ".join(16 * [f"jal zero, {M_HANDLER}"]))
    put(S_VECTORS, "; ".join(16 * [f"jal zero, {S_HANDLER}"]))
    back = "li t0, 0x1800; csrs mstatus, t0; li t0, 0x20080; csrc mstatus, t0; csrw mepc, s11; mret"
    put(
        M_HANDLER,
        _record(1, "mcause", "mepc", "mtval", "mstatus", "mip", "mie") + f"; csrw mie, zero; {back}",
    )
    put(S_HANDLER, _record(2, "scause", "sepc", "stval", "sstatus", "sip", "sie") + "; csrw sie, zero; ecall")
    return bytes(image)


class Program:
    """Blocks after one another, and the image that they make."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._parts: list[bytes] = []
        self._at = BLOCKS
        self.names: list[str] = []
        self._add(
            f"li s10, {LOG}; csrw mie, zero; csrw mstatus, zero; {write('stimecmp', M64)}; "
            f"li t0, {CLINT + 0x4000}; li t1, -1; sd t1, 0(t0)"
        )

    def _add(self, text: str) -> None:
        code = hl.asm(text, origin=self._at)
        self._parts.append(code)
        self._at += len(code)

    def block(self, name: str, text: str) -> None:
        """A block whose instructions are `text`; its record at the end has a0, and mstatus as it then is."""
        self.names.append(name)
        ending = _record(3, "", "", "", "mstatus", "mip", "mscratch")
        self._add(f"la s11, ending; li a0, 0; {text}; ending: li t0, 0x20000; csrc mstatus, t0; {ending}")

    def tidy(self, text: str, logged: bool = False) -> None:
        """What follows the last block, in M-mode; with its own record of a0 if that is wanted."""
        self._add(text + ("; " + _record(4, "", "", "", "", "", "") if logged else ""))

    def image(self) -> bytes:
        self._add(
            f"li t0, {LOG}; li t1, {UART}; more: bgeu t0, s10, done; lbu t2, 0(t0); sb t2, 0(t1); "
            f"addi t0, t0, 1; j more;"
            f"done: li t0, {TEST}; li t1, 0x5555; sw t1, 0(t0); forever: j forever"
        )
        return _handlers() + b"".join(self._parts)


def enter(mode: int, action: str, further: int = 0) -> str:
    """Goes to a mode (0, 1 or 3) and does something there; an ecall ends it, if nothing else does.

    The code is entered `further` up, where it is mapped a second time.
    """
    return (
        f"li t0, 0x1800; csrc mstatus, t0; li t0, {mode << 11}; csrs mstatus, t0; la t0, there; "
        f"li t1, {further}; add t0, t0, t1; csrw mepc, t0; mret; "
        f"there: {action}; ecall"
    )


def write(csr: str, value: int) -> str:
    return f"li t0, {value}; csrw {csr}, t0"


def vectors(rng: random.Random) -> str:
    """Both trap vectors, direct or vectored."""
    return f"{write('mtvec', M_VECTORS | rng.randrange(2))}; {write('stvec', S_VECTORS | rng.randrange(2))}"


def open_memory() -> str:
    """Everything is allowed to every mode."""
    return f"{write('pmpaddr0', EVERYTHING)}; {write('pmpcfg0', 0x1F)}; {write('pmpcfg2', 0)}"


REGISTERS = [
    "mstatus", "medeleg", "mideleg", "mie", "mip", "mtvec", "mscratch", "mepc", "mcause", "mtval",
    "sstatus", "sie", "sip", "stvec", "sscratch", "sepc", "scause", "stval", "satp", "scounteren",
    "stimecmp", "pmpaddr3", "fflags", "frm", "fcsr",
]  # fmt: skip


def control_registers(program: Program) -> None:
    """What a write to a register leaves, from M-mode, and what the others that show it then are."""
    rng = program.rng
    name = rng.choice(REGISTERS)
    value = rng.choice(
        [rng.getrandbits(64), (1 << 64) - 1, 0, 1 << rng.randrange(64), 8 << 60 | rng.getrandbits(60)]
    )
    if name in ("mtvec", "stvec"):
        value &= ~3 | rng.randrange(2)
    if name == "mstatus":
        value &= ~(1 << 17 | 1 << 3)  # MPRV and MIE have blocks of their own
    how = rng.choice(["csrw {0}, t1", "csrs {0}, t1", "csrc {0}, t1"]).format(name)
    if name in ("mstatus", "sstatus"):  # QEMU would change XLEN
        value = value & ~(0xF << 32) | (0xA << 32 if how.startswith("csrw") else 0)
        value |= value << 1 & 1 << 12  # nor does it keep MPP legal
        value &= ~(1 << 12) | value << 1
    if name == "satp" and value >> 60 in (9, 10):  # Sv48 and Sv57, which QEMU has
        value ^= 4 << 60
    if name.startswith("f"):
        how = f"li t2, 0x6000; csrs mstatus, t2; {how}"
    after = f"{write('stimecmp', M64)}; csrw mie, zero; csrw satp, zero; csrw mip, zero"
    after += "; li t0, 0x6000; csrc mstatus, t0"
    program.block(
        f"{how} with {value:#x}",
        f"{vectors(rng)}; {write('mideleg', 0x222)}; li t1, {value}; {how}; csrr a0, {name}; {after}",
    )


ACTIONS = {
    "illegal": ".word 0", "ebreak": "ebreak", "nothing": "nop", "misaligned amo": f"li a1, {PLACE + 2}; "
    "amoadd.w a0, a0, (a1)",
    "misaligned lr": f"li a1, {PLACE + 4}; lr.d a0, (a1)", "load from nowhere": "li a1, 0x40; ld a0, 8(a1)",
    "store to nowhere": "li a1, 0x40; sd a0, 8(a1)", "jump to nowhere": "li a1, 0x40; "
    "jr a1", "sret": "sret", "mret": "mret",
    "wfi": "wfi", "sfence": "sfence.vma", "satp": "csrr a0, satp", "write satp": "csrw satp, zero",
    "mscratch": "csrr a0, mscratch", "sscratch": "csrr a0, sscratch", "no such csr": "csrr a0, 0x5c0",
    "write cycle": "csrw cycle, a0", "floating point": "fadd.d f0, f1, f2", "stimecmp": "csrr a0, stimecmp",
    "misaligned load": f"li a1, {PLACE + 1}; ld a0, 0(a1)",
}  # fmt: skip


def delegation(program: Program) -> None:
    """Something that may trap, in any mode, with random delegation and the traps of mstatus."""
    rng = program.rng
    name, mode = rng.choice(sorted(ACTIONS)), rng.choice([0, 1, 3])
    medeleg = rng.choice([0, 0xB1FF, 0xB1FF, rng.getrandbits(16)]) & 0xB1FF & ~(1 << 9)
    tvm, tw, tsr = (rng.getrandbits(1) for _ in range(3))
    if name == "misaligned amo":
        medeleg &= ~(1 << 4 | 1 << 6)  # QEMU has the other of the two causes
    if name == "wfi" and (mode == 3 or (mode == 1 and not tw)):
        name = "nothing"  # it would wait for ever
    returns = name == "mret" and mode == 3, name == "sret" and (mode == 3 or (mode == 1 and not tsr))
    action = ACTIONS[name]
    if any(returns):  # to the end of the block, in the mode that the register says
        action = f"la t0, back; csrw {'mepc' if returns[0] else 'sepc'}, t0; {action}; back: nop"
    status = (
        tvm << 20
        | tw << 21
        | tsr << 22
        | rng.choice([0, 1 << 13])
        | rng.getrandbits(1) << 8
        | rng.getrandbits(1) << 5
    )
    program.block(
        f"{name} in mode {mode}, medeleg {medeleg:#x}, mstatus {status:#x}",
        f"{vectors(rng)}; {open_memory()}; csrw mie, zero; {write('medeleg', medeleg)}; "
        f"{write('mstatus', status)}; "
        f"{write('menvcfg', ADUE | rng.getrandbits(1) << 63)}; {write('mcounteren', rng.choice([0, 7]))}; "
        + enter(mode, action),
    )


def interrupts(program: Program) -> None:
    """Some of the six interrupts pending, some enabled, some delegated, in any mode."""
    rng = program.rng
    mode = rng.choice([0, 1, 3])
    pending, enabled, delegated = (rng.getrandbits(12) & 0xAAA for _ in range(3))
    for level in (
        delegated & 0x222,
        ~delegated | 0x888,
    ):  # one for each level: which is first has a test of its own
        ready = [bit for bit in range(12) if pending & enabled & level & 1 << bit]
        for bit in ready[1:]:
            enabled &= ~(1 << bit)
    status = rng.getrandbits(1) << 1 | rng.getrandbits(1) << 7  # SIE, and MPIE, which mret makes MIE
    clint = f"li t1, {CLINT}; li t0, {pending >> 3 & 1}; sw t0, 0(t1); li t1, {CLINT + 0x4000}; "
    clint += "sd zero, 0(t1)" if pending & 1 << 7 else "li t0, -1; sd t0, 0(t1)"
    quiet = (
        f"csrw mip, zero; li t1, {CLINT}; sw zero, 0(t1); li t1, {CLINT + 0x4000}; li t0, -1; sd t0, 0(t1)"
    )
    # The action is long enough for an interrupt that an emulator notices late.
    action = "nop; csrr zero, cycle" if mode == 3 else "nop"
    program.block(
        f"pending {pending:#x}, enabled {enabled:#x}, delegated {delegated:#x}, mode {mode}, mstatus "
        f"{status:#x}",
        f"{vectors(rng)}; {open_memory()}; {write('menvcfg', ADUE)}; csrw mie, zero; "
        f"{write('medeleg', 0)}; {write('mstatus', status)}; "
        f"{clint}; {write('mip', pending & 0x222)}; {write('mideleg', delegated & 0x222)}; "
        f"{write('mie', enabled)}; " + enter(mode, action),
    )
    program.tidy(quiet)


def paging(program: Program) -> None:
    """An access by S- or U-mode, or by M-mode as though in one, through three levels of random entries."""
    rng = program.rng
    mode, as_other = rng.choice([(0, False), (1, False), (3, True)])
    mpp = rng.choice([0, 1])
    mxr, sum_ = rng.getrandbits(1), rng.getrandbits(1)
    usual = V | R | W | X | U | A | D

    def flags() -> int:
        value = usual
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            value ^= 1 << rng.randrange(8)
        return value

    level = rng.choice([0, 0, 0, 1, 2])
    target = {0: PLACE, 1: PLACE & -0x20_0000, 2: BASE}[level]
    leaf = target >> 2 | flags()
    if rng.random() < 0.1:
        leaf |= 1 << rng.randrange(54, 64)
    if level and rng.random() < 0.2:
        leaf |= 1 << 10 + rng.randrange(9)  # a misaligned superpage
    pointer = V if rng.random() < 0.9 else V | rng.choice([A, D, U, G, 1 << 8, 1 << 60])
    entries = {
        ROOT + 8 * 2: BASE >> 2 | V | R | W | X | A | D | (U if mode == 0 else 0),
        ROOT + 8 * 5: leaf if level == 2 else MIDDLE >> 2 | pointer,
        MIDDLE + 8: leaf if level == 1 else LEAVES >> 2 | pointer,
        LEAVES: leaf if level == 0 else 0,
        LEAVES + 8: 0,
    }
    place = {ROOT + 8 * 5: 2, MIDDLE + 8: 1, LEAVES: 0}
    where = next(pte for pte, of in place.items() if of == level)
    offset = rng.choice([0, 8, 0xFF8, 0xFFC, 0x123])
    va = VA + offset
    if rng.random() < 0.05:
        va |= 1 << rng.randrange(39, 64)
    kind = rng.choice(["ld a0, 0(a1)", "sd a0, 0(a1)", "jr a1", f"li a1, {va & ~7}; amoadd.d a0, a0, (a1)"])
    if "amo" in kind and leaf & (R | W) != R | W:
        kind = "sd a0, 0(a1)"  # QEMU has other faults for it
    if kind == "jr a1":
        va &= ~3
        if as_other:
            kind = "ld a0, 0(a1)"
    action = f"li a1, {va}; {kind}"
    status = mxr << 19 | sum_ << 18
    setup = "; ".join(f"li t1, {at}; li t0, {value}; sd t0, 0(t1)" for at, value in entries.items())
    fill = f"li t1, {PLACE}; li t0, {TWO_ECALLS}; sd t0, 0(t1); sd t0, 8(t1)"
    fill += f"; li t2, {PLACE + 0xFF8}; sd t0, 0(t2)"
    satp = f"{write('satp', 8 << 60 | ROOT >> 12)}; sfence.vma"
    body = (
        f"li t0, {1 << 17}; csrs mstatus, t0; {action}; li t0, {1 << 17}; csrc mstatus, t0"
        if as_other
        else enter(mode, action)
    )
    if as_other:
        status |= mpp << 11
    program.block(
        f"{kind} at {va:#x}, mode {mpp if as_other else mode}{' by MPRV' if as_other else ''}, level "
        f"{level}, leaf {leaf:#x}, "
        f"pointer {pointer:#x}, mxr {mxr}, sum {sum_}",
        f"{vectors(rng)}; {open_memory()}; csrw mie, zero; {write('medeleg', 0)}; {setup}; {fill}; {satp}; "
        f"{write('mstatus', status)}; {body}",
    )
    program.tidy(f"csrw satp, zero; sfence.vma; li t0, {where}; ld a0, 0(t0)", logged=True)


def protection(program: Program) -> None:
    """An access to one of two pages under random entries of physical memory protection."""
    rng = program.rng
    mode = rng.choice([0, 1, 3])
    cfgs, setup = [0x1F], [write("pmpaddr0", BASE >> 2 | (OWN >> 3) - 1)]
    for number in range(1, 5):
        base = PLACE + 4 * rng.choice([0, 1, 2, 3, 4, 8, 16, 1024, rng.randrange(2048)])
        rights = rng.choice([0, 1, 3, 4, 5, 7])
        kind = rng.choice([0, 1, 2, 3])
        size = 8 << rng.choice([0, 1, 2, 9, 10])
        setup.append(
            write(f"pmpaddr{number}", (base & -size) >> 2 | (size >> 3) - 1 if kind == 3 else base >> 2)
        )
        cfgs.append(kind << 3 | rights)
    setup.append(write("pmpaddr5", EVERYTHING))
    cfgs.append(0x1F if rng.getrandbits(1) else 0)
    setup.append(write("pmpcfg0", sum(cfg << 8 * n for n, cfg in enumerate(cfgs))))
    size, letter = rng.choice([(1, "b"), (2, "h"), (4, "w"), (8, "d")])
    at = PLACE + rng.choice([0, 4, 8, 12, 16, 32, 4096, rng.randrange(8000)]) // size * size
    kind = rng.choice([f"l{letter} a0, 0(a1)", f"s{letter} a0, 0(a1)", "jr a1"])
    fill = f"li t1, {at & ~7}; li t0, {TWO_ECALLS}; sd t0, 0(t1)"
    if kind == "jr a1":
        at &= ~3
    program.block(
        f"{kind} at {at:#x}, mode {mode}: {'; '.join(setup)}",
        f"{vectors(rng)}; {open_memory()}; csrw mie, zero; {write('medeleg', 0)}; csrw mstatus, zero; "
        f"{fill}; "
        f"csrw pmpcfg0, zero; {'; '.join(setup)}; sfence.vma; " + enter(mode, f"li a1, {at}; {kind}"),
    )
