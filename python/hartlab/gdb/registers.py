"""The registers of a hart by GDB's numbers, and the target description that tells GDB of them.

x0 to x31 are 0 to 31, pc is 32, f0 to f31 are 33 to 64, the CSR n is 65 + n, and the privilege is 4161, as in
GDB's own numbering. [Debugging with GDB, G.5.12 "RISC-V Features"]
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import _engine
from ..hart import Hart
from ..registers import F_NAMES, X_NAMES

PC, _F0, _CSR0 = 32, 33, 65
_PRIVILEGE = _CSR0 + 4096
_MODES = {0: "U", 1: "S", 3: "M"}
_FLOATING_CSRS = ("fflags", "frm", "fcsr")  # which GDB wants beside f0 to f31
_TYPES = {"ra": "code_ptr", "sp": "data_ptr", "gp": "data_ptr", "tp": "data_ptr"}
_DOUBLE = (
    '<union id="riscv_double"><field name="float" type="ieee_single"/>'
    '<field name="double" type="ieee_double"/></union>'
)


def read(hart: Hart, number: int) -> int | None:
    """Return the value of a register; None when the hart has none of that number."""
    if number < PC:
        return int(hart.x[number])
    if number == PC:
        return hart.pc
    if number < _CSR0:
        return int(hart.f[number - _F0])
    if number == _PRIVILEGE:
        return next(level for level, mode in _MODES.items() if mode == hart.privilege)
    if number > _PRIVILEGE:
        return None
    try:
        return hart.csrs[number - _CSR0]
    except KeyError:
        return None


def write(hart: Hart, number: int, value: int) -> bool:
    """Set a register; False when there is none of that number, or it does not take the value."""
    try:
        if number < PC:
            if number != 0:
                hart.x[number] = value
        elif number == PC:
            hart.pc = value
        elif number < _CSR0:
            hart.f[number - _F0] = value
        elif number == _PRIVILEGE:
            hart.privilege = _MODES[value]
        elif number < _PRIVILEGE:
            hart.csrs[number - _CSR0] = value
        else:
            return False
    except (KeyError, ValueError):
        return False
    return True


def target_description(hart: Hart) -> str:
    """Describe the registers in XML. [Debugging with GDB, G.2 "Target Description Format"]"""
    numbers = _engine.csrs()
    csrs = {name: numbers[name] for name in hart.csrs if name not in _FLOATING_CSRS}
    x = [_register(name, number, _TYPES.get(name, "int")) for number, name in enumerate(X_NAMES)]
    f = [_register(name, _F0 + number, "riscv_double") for number, name in enumerate(F_NAMES)]
    f += [_register(name, _CSR0 + numbers[name], "int") for name in _FLOATING_CSRS]
    features = {
        "cpu": [*x, _register("pc", PC, "code_ptr")],
        "fpu": [_DOUBLE, *f],
        "csr": [_register(name, _CSR0 + number, "uint64") for name, number in csrs.items()],
        "virtual": [_register("priv", _PRIVILEGE, "int")],
    }
    return "".join(
        [
            '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">',
            # A GDB that takes the guest for a Linux program steps by breakpoints: not over mret and sret.
            "<architecture>riscv:rv64</architecture><osabi>none</osabi>",
            *_features(features),
            "</target>",
        ]
    )


def _features(features: dict[str, list[str]]) -> Iterator[str]:
    for name, contents in features.items():
        yield f'<feature name="org.gnu.gdb.riscv.{name}">{"".join(contents)}</feature>'


def _register(name: str, number: int, kind: str) -> str:
    return f'<reg name="{name}" bitsize="64" type="{kind}" regnum="{number}"/>'
