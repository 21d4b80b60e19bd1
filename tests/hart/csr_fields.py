"""Every field of every control and status register, as data.

A row names the bits of a field, the section that rules it, what a write leaves of them, and what they are
after reset (None: whatever they were, or a counter). Sections are those of the privileged specification,
but where another is named. ``rows`` gives the fields of a register by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

M64 = (1 << 64) - 1
#: What a write of a value over an old one leaves of the whole register; a field takes its bits of that.
Rule = Callable[[int, int], int]


def free(value: int, _old: int) -> int:
    """Holds whatever is written."""
    return value


def kept(_value: int, old: int) -> int:
    """A write changes nothing: WPRI bits, and WARL ones with one legal value."""
    return old


def _whole(legal: Callable[[int], bool]) -> Rule:
    """Writes that are not legal change nothing."""
    return lambda value, old: value if legal(value) else old


_vector = _whole(lambda value: not value & 2)  # MODE 2 and 3 are reserved
_satp = _whole(lambda value: value >> 60 in (0, 8))  # Bare and Sv39; others make the write do nothing
_mpp = _whole(lambda value: value >> 11 & 3 != 2)


def _dirty(value: int, _old: int) -> int:
    """SD sums FS up; there are no VS and XS."""
    return M64 if value >> 13 & 3 == 3 else 0


def _cfg(byte: int) -> Rule:
    def rule(value: int, old: int) -> int:
        if old >> 8 * byte & 0x80:  # locked
            return old
        return value & ~(2 << 8 * byte) if not value >> 8 * byte & 1 else value  # W without R is reserved

    return rule


@dataclass(frozen=True)
class Field:
    name: str
    high: int
    low: int
    section: str
    rule: Rule
    reset: int | None = 0

    @property
    def mask(self) -> int:
        return (1 << self.high + 1) - (1 << self.low)


def _bits(section: str, rule: Rule, **places: int) -> list[Field]:
    return [Field(name, at, at, section, rule) for name, at in places.items()]


def _rest(fields: list[Field], section: str) -> list[Field]:
    """The bits between and beyond the fields, which read as zero and ignore writes."""
    taken = sum(field.mask for field in fields)
    gaps, at = [], 0
    while at < 64:
        end = at
        while end < 64 and bool(taken >> end & 1) == bool(taken >> at & 1):
            end += 1
        if not taken >> at & 1:
            gaps.append(Field("0", end - 1, at, section, kept))
        at = end
    return [*fields, *gaps]


def _all(section: str, rule: Rule = free, reset: int | None = 0, name: str = "") -> list[Field]:
    return [Field(name, 63, 0, section, rule, reset)]


_S_STATUS = [
    *_bits("4.1.1.1", free, SIE=1, SPIE=5, SPP=8),
    Field("FS", 14, 13, "3.1.6.6", free),
    *_bits("4.1.1.2", free, SUM=18, MXR=19),
    Field("UXL", 33, 32, "4.1.1.1", kept, 2),
    Field("SD", 63, 63, "3.1.6.6", _dirty),
]
_M_STATUS = [
    *_S_STATUS,
    *_bits("3.1.6.1", free, MIE=3, MPIE=7),
    Field("MPP", 12, 11, "3.1.6.1", _mpp),
    *_bits("3.1.6.3", free, MPRV=17),
    *_bits("3.1.6.5", free, TVM=20, TW=21, TSR=22),
    Field("SXL", 35, 34, "3.1.6.2", kept, 2),
    *_bits("3.1.6.4", kept, UBE=6, SBE=36, MBE=37),  # little-endian in every mode
    Field("VS", 10, 9, "3.1.6.6", kept),
    Field("XS", 16, 15, "3.1.6.6", kept),
]
_ENABLES = _bits("3.1.9", free, SSIE=1, MSIE=3, STIE=5, MTIE=7, SEIE=9, MEIE=11)
_MISA = sum(1 << ord(letter) - ord("A") for letter in "ACDFIMSU")
_TRIGGER = "debug 5.7.1"

_ROWS: dict[str, list[Field]] = {
    # unprivileged
    "fflags": _rest([*_bits("unpriv 11.2", free, NX=0, UF=1, OF=2, DZ=3, NV=4)], "unpriv 11.2"),
    "frm": _rest([Field("frm", 2, 0, "unpriv 11.2", free)], "unpriv 11.2"),
    "fcsr": _rest(
        [Field("fflags", 4, 0, "unpriv 11.2", free), Field("frm", 7, 5, "unpriv 11.2", free)], "unpriv 11.2"
    ),
    "cycle": _all("unpriv 10.1", reset=None),
    "time": _all("unpriv 10.1", reset=None),
    "instret": _all("unpriv 10.1", reset=None),
    # supervisor
    "sstatus": _rest(_S_STATUS, "4.1.1"),
    "sie": _rest(_bits("4.1.3", free, SSIE=1, STIE=5, SEIE=9), "4.1.3"),
    "stvec": [Field("BASE", 63, 2, "4.1.2", _vector), Field("MODE", 1, 0, "4.1.2", _vector)],
    "scounteren": _rest(
        [*_bits("4.1.5", free, CY=0, TM=1, IR=2), Field("HPM", 31, 3, "4.1.5", free)], "4.1.5"
    ),
    "senvcfg": _rest(_bits("4.1.10", free, FIOM=0), "4.1.10"),
    "sscratch": _all("4.1.6"),
    "sepc": [Field("sepc", 63, 1, "4.1.7", free), Field("0", 0, 0, "4.1.7", kept)],
    "scause": [Field("Interrupt", 63, 63, "4.1.8", free), Field("Exception Code", 62, 0, "4.1.8", free)],
    "stval": _all("4.1.9"),
    "sip": _rest(
        [*_bits("4.1.3", free, SSIP=1), *_bits("4.1.3", kept, STIP=5, SEIP=9)],
        "4.1.3",
    ),
    "stimecmp": _all("Sstc 2.1", reset=M64),
    "satp": [
        Field("MODE", 63, 60, "4.1.11", _satp),
        Field("ASID", 59, 44, "4.1.11", _satp),
        Field("PPN", 43, 0, "4.1.11", _satp),
    ],
    # machine
    "mvendorid": _all("3.1.2", kept),
    "marchid": _all("3.1.3", kept),
    "mimpid": _all("3.1.4", kept),
    "mhartid": _all("3.1.5", kept),
    "mconfigptr": _all("3.1.17", kept),
    "mstatus": _rest(_M_STATUS, "3.1.6"),
    "misa": [
        Field("MXL", 63, 62, "3.1.1", kept, 2),
        Field("0", 61, 26, "3.1.1", kept),
        Field("Extensions", 25, 0, "3.1.1", kept, _MISA),
    ],
    "medeleg": _rest(
        [
            Field("U and lower", 8, 0, "3.1.8", free),
            Field("call from S", 9, 9, "3.1.8", free),
            Field("call from M", 11, 11, "3.1.8", kept),
            Field("fetch and load page fault", 13, 12, "3.1.8", free),
            Field("store page fault", 15, 15, "3.1.8", free),
        ],
        "3.1.8",
    ),
    "mideleg": _rest(
        [*_bits("3.1.8", free, SSI=1, STI=5, SEI=9), *_bits("3.1.8", kept, MSI=3, MTI=7, MEI=11)], "3.1.8"
    ),
    "mie": _rest(_ENABLES, "3.1.9"),
    "mtvec": [Field("BASE", 63, 2, "3.1.7", _vector), Field("MODE", 1, 0, "3.1.7", _vector)],
    "mcounteren": _rest(
        [*_bits("3.1.11", free, CY=0, TM=1, IR=2), Field("HPM", 31, 3, "3.1.11", free)], "3.1.11"
    ),
    "mcountinhibit": _rest(
        [*_bits("3.1.12", free, CY=0, IR=2), Field("HPM", 31, 3, "3.1.12", kept)], "3.1.12"
    ),
    "menvcfg": _rest(
        [
            *_bits("3.1.18", free, FIOM=0),
            Field("CBIE, CBCFE, CBZE", 7, 4, "3.1.18", kept),  # no Zicbom and Zicboz
            Field("ADUE", 61, 61, "Svadu 1.1", free, 1),
            Field("PBMTE", 62, 62, "3.1.18", kept),  # no Svpbmt
            Field("STCE", 63, 63, "Sstc 2.3", free),
        ],
        "3.1.18",
    ),
    "mscratch": _all("3.1.13"),
    "mepc": [Field("mepc", 63, 1, "3.1.14", free), Field("0", 0, 0, "3.1.14", kept)],
    "mcause": [Field("Interrupt", 63, 63, "3.1.15", free), Field("Exception Code", 62, 0, "3.1.15", free)],
    "mtval": _all("3.1.16"),
    "mip": _rest(
        [
            *_bits("3.1.9", free, SSIP=1, STIP=5, SEIP=9),
            *_bits("3.1.9", kept, MSIP=3, MTIP=7, MEIP=11),  # lines of devices
        ],
        "3.1.9",
    ),
    "mcycle": _all("3.1.10", reset=None),
    "minstret": _all("3.1.10", reset=None),
    # debug triggers, of which there are none
    "tselect": _all(_TRIGGER, kept),
    "tdata1": _all(_TRIGGER, kept),
    "tdata2": _all(_TRIGGER, kept),
    "tdata3": _all(_TRIGGER, kept),
    "tinfo": _all("debug 5.7.7", kept, 1),
}
for _n in range(3, 32):
    _ROWS[f"hpmcounter{_n}"] = _all("unpriv 10.1", kept)
    _ROWS[f"mhpmcounter{_n}"] = _all("3.1.10", kept)
    _ROWS[f"mhpmevent{_n}"] = _all("3.1.10", kept)
for _n in range(0, 16, 2):  # RV64 has the even ones
    _ROWS[f"pmpcfg{_n}"] = (
        _rest(
            [
                field
                for byte in range(8)
                for field in (
                    *_bits(
                        "3.7.1",
                        _cfg(byte),
                        **{f"pmp{4 * _n + byte}.{letter}": 8 * byte + at for at, letter in enumerate("RWX")},
                    ),
                    Field(f"pmp{4 * _n + byte}.A", 8 * byte + 4, 8 * byte + 3, "3.7.1", _cfg(byte)),
                    *_bits("3.7.1.1", _cfg(byte), **{f"pmp{4 * _n + byte}.L": 8 * byte + 7}),
                )
            ],
            "3.7.1",
        )
        if _n < 4  # of 16 entries
        else _all("3.7.1", kept)
    )
for _n in range(64):
    _ROWS[f"pmpaddr{_n}"] = (
        [Field("address[55:2]", 53, 0, "3.7.1", free), Field("0", 63, 54, "3.7.1", kept)]
        if _n < 16
        else _all("3.7.1", kept)
    )

#: CSRs that the assembler knows by name and that are not there.
ABSENT = {
    "mseccfg": "3.1.19: no Smepmp, no Zkr",
    "scontext": "debug 5.7.9: no triggers",
    "mcontext": "debug 5.7.8: no triggers",
    "dcsr": "debug 4.9: in Debug Mode only",
    "dpc": "debug 4.9: in Debug Mode only",
    "dscratch0": "debug 4.9: in Debug Mode only",
    "dscratch1": "debug 4.9: in Debug Mode only",
}

REGISTERS = tuple(_ROWS)


def rows(name: str) -> list[Field]:
    """The fields of a register, from the lowest bit up."""
    return sorted(_ROWS[name], key=lambda field: field.low)


def written(name: str, value: int, old: int) -> int:
    """What a write of `value` leaves in a register that holds `old`."""
    return sum(field.rule(value, old) & field.mask for field in _ROWS[name])
