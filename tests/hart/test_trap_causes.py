"""Every way into every exception: its cause, tval and epc, from each mode, delegated and not.

A row is an instruction that traps, with the section that says so. [priv 3.1.15, Table 3.6]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

import hartlab as hl
from hart.boards import FS_DIRTY, RAM, A, D, R, Tables, U, V, W, X, board, run_to_trap

M_VECTOR, S_VECTOR, TABLES, DATA = RAM + 0x400, RAM + 0x800, RAM + 0x1_0000, RAM + 0x4000
END = RAM + 0x4_0000  # of RAM
UART, TEST = 0x1000_0000, 0x10_0000
TW, TVM, TSR = 1 << 21, 1 << 20, 1 << 22
M64 = (1 << 64) - 1
# Virtual pages, under paging; all else is as in physical memory.
ABSENT, READ_ONLY, NO_EXECUTE, OTHERS, NOWHERE, LAST = (0x4000_0000 + 0x2000 * n for n in range(6))
NOT_CANONICAL = 1 << 39 | RAM


@dataclass(frozen=True)
class Way:
    """An instruction at RAM; with `a1` and `a2` = 0 in its registers."""

    cause: int
    text: str
    section: str
    tval: int | None = 0  # None: the instruction's bits
    a1: int = 0
    modes: str = "USM"
    csrs: dict[str, int] = field(default_factory=dict)
    epc: int = RAM
    paged: bool = False

    def __str__(self) -> str:
        return f"{self.cause}: {self.text.replace('; ', ', ')} {self.a1:#x} {self.csrs or ''}"


def illegal(text: str, section: str, modes: str = "USM", **csrs: int) -> Way:
    return Way(2, text, section, None, DATA, modes, csrs)


def word(bits: int) -> str:
    return f".word {bits:#x}"


AMOS = [f"amo{op}.{size} a0, a2, (a1)" for size in "wd"
        for op in ("swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu")]  # fmt: skip
LOADS, STORES = (
    ["lb", "lbu", "lh", "lhu", "lw", "lwu", "ld", "flw", "fld"],
    ["sb", "sh", "sw", "sd", "fsw", "fsd"],
)

WAYS = [
    # instruction access fault
    *(Way(1, "jr a1", "priv 3.6", at, at, epc=at) for at in (0x40, UART, TEST, END, M64 - 1)),
    Way(1, "jr a1", "priv 3.1.16: the part that faulted", END, END - 2, epc=END - 2),
    Way(1, "jr a1", "priv 4.3.2 step 8", NOWHERE, NOWHERE, "US", epc=NOWHERE, paged=True),
    # illegal instruction
    *(illegal(word(bits), "unpriv 1.5") for bits in (0, M64 >> 32, 0x0000_0057, 0x0000_2007 | 5 << 12)),
    *(illegal(word(bits), "unpriv 16.8") for bits in (0x2001, 0x6081, 0x4002, 0x8002, 0x9C41, 0x8000)),
    illegal("mret", "priv 3.3.2", "US"),
    illegal("sret", "priv 3.3.2", "U"),
    illegal("sret", "priv 3.1.6.5", "US", mstatus=TSR),
    illegal("wfi", "priv 3.3.3", "U"),
    illegal("wfi", "priv 3.1.6.5", "US", mstatus=TW),
    illegal("sfence.vma", "priv 4.2.1", "U"),
    illegal("sfence.vma a1, a2", "priv 3.1.6.5", "US", mstatus=TVM),
    illegal("csrr a0, satp", "priv 3.1.6.5", "US", mstatus=TVM),
    illegal("csrw satp, a2", "priv 3.1.6.5", "US", mstatus=TVM),
    illegal("csrr a0, mscratch", "priv 2.1", "US"),
    illegal("csrr a0, sscratch", "priv 2.1", "U"),
    illegal("csrw mhartid, a2", "priv 2.1"),
    illegal("csrw cycle, a2", "priv 2.1", mcounteren=7, scounteren=7),
    illegal("csrr a0, 0x5c0", "priv 2.1"),
    illegal("csrr a0, cycle", "priv 3.1.11", "US"),
    illegal("csrr a0, time", "priv 4.1.5", "U", mcounteren=7),
    illegal("csrr a0, stimecmp", "Sstc 2.2", "US", mcounteren=2),
    illegal("csrr a0, mseccfg", "priv 3.1.19: absent"),
    *(
        illegal(text, "priv 3.1.6.6: FS is off", mstatus=0)
        for text in ("fadd.d f0, f1, f2", "flw f1, 0(a1)", "fsd f1, 0(a1)", "c.fld f8, 0(a1)",
                     "fmv.x.d a0, f1", "csrr a0, fcsr", "csrw fflags, a2")
    ),
    *(illegal("fadd.s f0, f1, f2", "unpriv 11.2: rounding mode", mstatus=FS_DIRTY, frm=mode)
      for mode in (5, 6, 7)),
    *(illegal(word(0x0020_F053 & ~0x7000 | mode << 12), "unpriv 11.2") for mode in (5, 6)),
    illegal(word(0x1012_A52F), "unpriv 8.2: rs2 of lr"),
    illegal(word(0x0040_A00F), "no Zicboz"),
    illegal(word(0x7B20_0073), "debug 4.10: dret"),
    illegal(word(0x2205_8073), "no hypervisor: hfence.vvma"),
    # breakpoint
    Way(3, "ebreak", "priv 3.3.1", RAM),
    Way(3, "c.ebreak", "unpriv 16.5", RAM),
    # misaligned addresses: of atomics, for loads and stores may be misaligned
    *(Way(4, "lr.w a0, (a1)", "unpriv 8.2", DATA + n, DATA + n) for n in (1, 2, 3)),
    *(Way(4, "lr.d a0, (a1)", "unpriv 8.2", DATA + n, DATA + n) for n in (1, 2, 4)),
    *(Way(6, "sc.w a0, a2, (a1)", "unpriv 8.2", DATA + n, DATA + n) for n in (1, 2, 3)),
    *(Way(6, "sc.d a0, a2, (a1)", "unpriv 8.2", DATA + n, DATA + n) for n in (1, 2, 4)),
    *(Way(6, text, "unpriv 8.4", DATA + 2, DATA + 2) for text in AMOS),
    # load and store access faults
    *(Way(5, f"{op} {'f' if op[0] == 'f' else 'a'}0, 0(a1)", "priv 3.6", 0x40, 0x40) for op in LOADS),
    *(Way(7, f"{op} {'f' if op[0] == 'f' else 'a'}0, 0(a1)", "priv 3.6", 0x40, 0x40) for op in STORES),
    Way(5, "lr.d a0, (a1)", "priv 3.6.4", 0x40, 0x40),
    *(Way(7, text, "priv 3.1.15: AMOs are stores", 0x40, 0x40) for text in AMOS),
    Way(5, "ld a0, 0(a1)", "priv 3.1.16: the part that faulted", END, END - 4),
    Way(7, "sd a0, 0(a1)", "priv 3.1.16: the part that faulted", END, END - 4),
    Way(5, "ld a0, 0(a1)", "priv 3.6.2: misaligned, to a device", UART + 1, UART + 1),
    Way(7, "sb a0, 0(a1)", "the boot ROM is read-only", 0x1000, 0x1000),
    Way(5, "ld a0, 0(a1)", "priv 4.3.2 step 8", NOWHERE, NOWHERE, "US", paged=True),
    Way(7, "amoadd.w a0, a2, (a1)", "priv 4.3.2 step 8", NOWHERE, NOWHERE, "US", paged=True),
    # calls
    *(Way(8 + level, "ecall", "priv 3.3.1", 0, modes=mode) for level, mode in ((0, "U"), (1, "S"), (3, "M"))),
    # page faults
    *(
        Way(12, "jr a1", "priv 4.3.2", at, at, "US", epc=at, paged=True)
        for at in (ABSENT, NO_EXECUTE, OTHERS, NOT_CANONICAL, M64 - 1)
    ),
    Way(12, "jr a1", "priv 3.1.16: the part that faulted", LAST + 0x1000, LAST + 0xFFE, "US",
        epc=LAST + 0xFFE, paged=True),
    *(
        Way(cause, text, "priv 4.3.2", at, at, "US", paged=True)
        for cause, text in ((13, "ld a0, 0(a1)"), (13, "lr.w a0, (a1)"), (15, "sd a0, 0(a1)"),
                            (15, "amoor.d a0, a2, (a1)"))
        for at in (ABSENT, OTHERS, NOT_CANONICAL)
    ),
    *(Way(15, f"{op} a2, 0(a1)", "priv 4.3.1: W is clear", READ_ONLY, READ_ONLY, "US", paged=True)
      for op in STORES[:4]),
    *(Way(15, text, "priv 4.3.2: AMOs are stores", READ_ONLY, READ_ONLY, "US", paged=True) for text in AMOS),
    Way(15, "lr.w a0, (a1); sc.w a0, a2, (a1)", "priv 4.3.1", READ_ONLY, READ_ONLY, "US", epc=RAM + 4,
        paged=True),
    Way(13, "ld a0, 0(a1)", "priv 3.1.16: the part that faulted", LAST + 0x1000, LAST + 0xFFD, "US",
        paged=True),
    Way(15, "sw a0, 0(a1)", "priv 3.1.16: the part that faulted", LAST + 0x1000, LAST + 0xFFD, "US",
        paged=True),
    # of two, the one that comes first [priv Table 3.7]
    Way(6, "amoadd.w a0, a2, (a1)", "misaligned before the page fault", ABSENT + 1, ABSENT + 1, "US",
        paged=True),
    Way(12, "jr a1", "the fetch before what is fetched", ABSENT, ABSENT, "US", epc=ABSENT, paged=True),
    Way(13, "ld a0, 0(a1)", "the first page's fault before the second's", ABSENT - 1, ABSENT - 1, "US",
        paged=True),
]  # fmt: skip


def about_to(way: Way, mode: str) -> hl.Machine:
    csrs = {"mtvec": M_VECTOR, "stvec": S_VECTOR} | way.csrs
    machine = board(csrs=csrs, x={"a1": way.a1})
    machine.memory.write(RAM, hl.asm(way.text, origin=RAM))
    machine.memory.write(END - 2, b"\x13\x00")  # the first half of a nop
    machine.memory.write(DATA + 0xFFE, b"\x13\x00")
    if way.paged:
        tables, user = Tables(machine.memory.write, TABLES), U if mode == "U" else 0
        full = V | R | W | X | A | D
        tables.map(RAM, RAM, full | user)
        tables.map(READ_ONLY, DATA, V | R | X | A | user)
        tables.map(NO_EXECUTE, DATA, V | R | W | A | D | user)
        tables.map(OTHERS, DATA, full | U ^ user)
        tables.map(NOWHERE, 0x4000, full | user)
        tables.map(LAST, DATA, full | user)
        machine.hart.csrs["satp"] = tables.satp()
    machine.hart.privilege = mode
    return machine


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_exception_has_its_cause_tval_and_epc_in_every_mode(way: Way) -> None:
    for mode in way.modes:
        for delegated in (False, True):
            machine = about_to(way, mode)
            machine.hart.csrs["medeleg"] = 1 << way.cause if delegated else ~(1 << way.cause) % 2**64
            executed = 1 if way.epc != RAM else 0
            assert run_to_trap(machine, executed + 1) == way.cause, (mode, machine.hart.last_trap())
            to = "S" if delegated and mode != "M" else "M"
            bits = int.from_bytes(machine.memory.read(RAM, 4), "little")
            tval = way.tval if way.tval is not None else bits if bits & 3 == 3 else bits & 0xFFFF
            csrs, x = machine.hart.csrs, to.lower()
            assert (csrs[f"{x}cause"], csrs[f"{x}tval"], csrs[f"{x}epc"]) == (way.cause, tval, way.epc), mode
            assert (machine.hart.privilege, machine.hart.pc) == (to, S_VECTOR if to == "S" else M_VECTOR)
            assert machine.hart.instructions == executed


def test_every_cause_that_there_can_be_has_a_way_in_and_a_section() -> None:
    """Instructions are never misaligned where there are 16-bit ones [unpriv 16.1]; 10 and 14 are reserved."""
    assert {way.cause for way in WAYS} == set(range(16)) - {0, 10, 14}
    assert all(way.section for way in WAYS)


@pytest.mark.parametrize("text", ["jr a1", "jalr a0, 3(a1)", "mret"])
def test_an_odd_target_loses_its_lowest_bit_and_a_half_aligned_one_is_none_too_many(text: str) -> None:
    """[unpriv 2.5; priv 3.1.14]"""
    machine = board(text, x={"a1": RAM + 0x103}, csrs={"mepc": RAM + 0x103, "mstatus": FS_DIRTY | 3 << 11})
    machine.run(1)
    assert machine.hart.pc == RAM + (0x106 if "3(" in text else 0x102)
