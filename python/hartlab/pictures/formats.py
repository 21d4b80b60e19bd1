"""What the bits of a PTE and of the control registers are called, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .. import words
from .lettering import power


@dataclass(frozen=True)
class Field:
    """Some bits of a word."""

    name: str
    high: int
    low: int
    meaning: str
    says: Callable[[int], str] | None = None  # what a value means

    def value(self, word: int) -> int:
        """What it holds in a word."""
        return word >> self.low & ((1 << (self.high - self.low + 1)) - 1)

    @property
    def width(self) -> int:
        """In bits."""
        return self.high - self.low + 1


def _bit(name: str, at: int, meaning: str) -> Field:
    return Field(name, at, at, meaning)


def _page(number: int) -> str:
    return f"physical {number << 12:#x}"


_MODES = {0: "U", 1: "S", 3: "M"}
_SATP = {0: "Bare: no translation", 8: "Sv39", 9: "Sv48", 10: "Sv57"}
_XLEN = {1: "32 bits", 2: "64 bits", 3: "128 bits"}
_DIRT = {0: "Off", 1: "Initial", 2: "Clean", 3: "Dirty"}
_VECTOR = {0: "all traps to BASE", 1: "interrupts to BASE + 4 × cause"}


def _named(names: dict[int, str]) -> Callable[[int], str]:
    return lambda value: names.get(value, "reserved")


_PTE = (
    _bit("N", 63, "naturally aligned power of two (Svnapot); 0 here"),
    Field("PBMT", 62, 61, "memory type (Svpbmt); 0 here"),
    Field("reserved", 60, 54, "must be 0"),
    Field("PPN", 53, 10, "physical page number: of the page, or of the next table", _page),
    Field(
        "RSW", 9, 8, "for software; bit 8 is this kernel's copy on write", _named({0: "", 1: "copy on write"})
    ),
    _bit("D", 7, "dirty: written since this was last cleared"),
    _bit("A", 6, "accessed since this was last cleared"),
    _bit("G", 5, "global: the same in every address space"),
    _bit("U", 4, "U-mode may use it"),
    _bit("X", 3, "executable; with R and W clear too, this points to a table"),
    _bit("W", 2, "writable"),
    _bit("R", 1, "readable"),
    _bit("V", 0, "valid"),
)
_SATP_FIELDS = (
    Field("MODE", 63, 60, "how addresses are translated", _named(_SATP)),
    Field("ASID", 59, 44, "address-space identifier"),
    Field("PPN", 43, 0, "physical page number of the root table", _page),
)
_SV39 = (
    Field("sign", 63, 39, "must repeat bit 38"),
    Field("VPN[2]", 38, 30, "index into the root table"),
    Field("VPN[1]", 29, 21, "index into the table of level 1"),
    Field("VPN[0]", 20, 12, "index into the table of level 0"),
    Field("offset", 11, 0, "byte of the page"),
)
_S_STATUS = (
    _bit("SD", 63, "FS, VS or XS is Dirty"),
    Field("UXL", 33, 32, "register width in U-mode", _named(_XLEN)),
    _bit("MXR", 19, "loads may read executable pages"),
    _bit("SUM", 18, "S-mode may use pages of U-mode"),
    Field("XS", 16, 15, "state of other extensions", _named(_DIRT)),
    Field("FS", 14, 13, "state of the floating-point registers", _named(_DIRT)),
    Field("VS", 10, 9, "state of the vector registers", _named(_DIRT)),
    Field("SPP", 8, 8, "privilege before the trap into S-mode", _named(_MODES)),
    _bit("UBE", 6, "U-mode is big-endian"),
    _bit("SPIE", 5, "SIE before the trap into S-mode"),
    _bit("SIE", 1, "interrupts are on in S-mode"),
)
_M_STATUS = (
    Field("SXL", 35, 34, "register width in S-mode", _named(_XLEN)),
    _bit("TSR", 22, "sret traps in S-mode"),
    _bit("TW", 21, "wfi traps below M-mode"),
    _bit("TVM", 20, "satp and sfence.vma trap in S-mode"),
    _bit("MPRV", 17, "loads and stores use the privilege in MPP"),
    Field("MPP", 12, 11, "privilege before the trap into M-mode", _named(_MODES)),
    _bit("MPIE", 7, "MIE before the trap into M-mode"),
    _bit("MIE", 3, "interrupts are on in M-mode"),
)


def _cause_fields() -> tuple[Field, ...]:
    return (
        _bit("Interrupt", 63, "1 for an interrupt, 0 for an exception"),
        Field("Code", 62, 0, "which"),
    )


def _interrupt_bits(what: str, machine: bool) -> tuple[Field, ...]:
    bits = [
        ("SSI", 1, "supervisor software"),
        ("STI", 5, "supervisor timer"),
        ("SEI", 9, "supervisor external"),
    ]
    if machine:
        bits += [("MSI", 3, "machine software"), ("MTI", 7, "machine timer"), ("MEI", 11, "machine external")]
    last = what[0].upper()
    made = [_bit(f"{name}{last}", at, f"{words_} interrupt {what}") for name, at, words_ in bits]
    return tuple(sorted(made, key=lambda field: -field.high))


def _sorted(*fields: Field) -> tuple[Field, ...]:
    return tuple(sorted(fields, key=lambda field: -field.high))


_VECTOR_FIELDS = (
    Field("BASE", 63, 2, "where traps go, without its lowest two bits", lambda base: f"{base << 2:#x}"),
    Field("MODE", 1, 0, "one address or a table of them", _named(_VECTOR)),
)
_FCSR = (
    Field("frm", 7, 5, "rounding", _named({0: "RNE", 1: "RTZ", 2: "RDN", 3: "RUP", 4: "RMM"})),
    _bit("NV", 4, "invalid operation"),
    _bit("DZ", 3, "division by zero"),
    _bit("OF", 2, "overflow"),
    _bit("UF", 1, "underflow"),
    _bit("NX", 0, "inexact"),
)


def _whole(meaning: str) -> tuple[Field, ...]:
    return (Field("value", 63, 0, meaning),)


FORMATS: Final[dict[str, tuple[Field, ...]]] = {
    "pte": _PTE,
    "va": _SV39,
    "satp": _SATP_FIELDS,
    "sstatus": _S_STATUS,
    "mstatus": _sorted(*_S_STATUS, *_M_STATUS),
    "scause": _cause_fields(),
    "mcause": _cause_fields(),
    "stvec": _VECTOR_FIELDS,
    "mtvec": _VECTOR_FIELDS,
    "sie": _interrupt_bits("enabled", False),
    "sip": _interrupt_bits("pending", False),
    "mie": _interrupt_bits("enabled", True),
    "mip": _interrupt_bits("pending", True),
    "mideleg": _interrupt_bits("delegated to S-mode", True),
    "fcsr": _FCSR,
    "stval": _whole("the address, or the instruction, of the last trap into S-mode"),
    "mtval": _whole("the address, or the instruction, of the last trap into M-mode"),
    "sepc": _whole("where the trap into S-mode interrupted the program"),
    "mepc": _whole("where the trap into M-mode interrupted the program"),
    "sscratch": _whole("for the trap handler of S-mode"),
    "mscratch": _whole("for the trap handler of M-mode"),
}


def remark(name: str, word: int) -> str:
    """What a whole word says, when that is more than its fields do."""
    if name in ("scause", "mcause"):
        return words.cause(word)
    if name == "pte":
        return _pte_remark(word)
    if name == "va" and word >> 38 not in (0, (1 << 26) - 1):
        return "not canonical: bits 63 to 39 differ from bit 38"
    return ""


def _pte_remark(word: int) -> str:
    if not word & 1:
        return "not valid: the MMU ignores all else"
    if word >> 54:
        return "reserved bits are set: the MMU refuses it"
    if not word & 0b1110:
        refused = word & 0b1101_0000
        return "a pointer with A, D or U: the MMU refuses it" if refused else "a pointer to a table"
    if word & 0b100 and not word & 0b10:
        return "W without R is reserved: the MMU refuses it"
    return f"a leaf: maps a page{', copy on write' if word & 0x100 else ''}"


# The words of a trapframe, in their order: xv6's struct trapframe.
TRAPFRAME: Final[tuple[tuple[str, str], ...]] = (
    ("kernel_satp", "the kernel's page table"),
    ("kernel_sp", "top of the process's kernel stack"),
    ("kernel_trap", "usertrap()"),
    ("epc", "the user's program counter"),
    ("kernel_hartid", "the kernel's tp"),
    ("ra", "x1, return address"),
    ("sp", "x2, stack pointer"),
    ("gp", "x3, global pointer"),
    ("tp", "x4, thread pointer"),
    *((f"t{n}", f"x{n + 5}, temporary") for n in range(3)),
    *((f"s{n}", f"x{n + 8}, saved") for n in range(2)),
    ("a0", "x10, first argument, and result"),
    *((f"a{n}", f"x{n + 10}, argument {n + 1}") for n in range(1, 7)),
    ("a7", "x17, system call"),
    *((f"s{n}", f"x{n + 16}, saved") for n in range(2, 12)),
    *((f"t{n}", f"x{n + 25}, temporary") for n in range(3, 7)),
)


def unnamed(fields: tuple[Field, ...], word: int) -> int:
    """The bits of a word that no field has."""
    known = sum(((1 << field.width) - 1) << field.low for field in fields)
    return word & ~known


def shown(field: Field, word: int) -> str:
    """A field's value as a person would write it."""
    value = field.value(word)
    if field.width <= 2:
        return f"{value:0{field.width}b}"
    return power(value) if value < 10 else f"{value:#x}"
