"""C in the place of kernel functions: units, where they are put, and what their mistakes are called."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from . import _engine
from .errors import KernelPanic, SeamError
from .functions import declarations
from .showing import listing
from .structs import layouts
from .toolchain.kernel_code import Linked, kernel_code
from .toolchain.program import Program

_C = _engine.constants()
_PAGE = _C["PGSIZE"]
_TEXT = (_C["SEAM_TEXT"] + _PAGE, _C["SEAM_TEXT"] + _C["SEAM_TEXT_SIZE"])  # behind the gate's page
_DATA = (_C["SEAM_DATA"], _C["SEAM_DATA"] + _C["SEAM_DATA_SIZE"])

SERVICES: dict[str, int] = _engine.Kernel.c_services()
SERVICES["memcpy"] = SERVICES["memmove"]
# Variables of xv6 that stand in the kernel's data.
VARIABLES = (
    *("kmem", "kernel_pagetable", "initproc", "nextpid", "ticks", "scheduler_next", "pid_lock", "wait_lock"),
    *("tickslock", "ftable_lock", "itable_lock", "cpus", "proc", "initcode", "cons"),
)

_numbers = itertools.count(1)
_units: weakref.WeakValueDictionary[int, CCode] = weakref.WeakValueDictionary()


class NoRoomError(ValueError):
    """C code does not fit into the region beside what is there."""


class CCode:
    """C functions in the place of the kernel's: what `Kernel.replace_c` returns. Kernels share it.

    Attributes
    ----------
    program : Program
        The linked code, with its sources, symbols and lines.
    functions : tuple of str
        Which of the kernel's functions it performs.
    remarks : str
        The compiler's warnings.
    """

    def __init__(self, linked: Linked) -> None:
        self.program: Program = linked.program
        self.functions = tuple(linked.functions)
        self.remarks = linked.program.remarks
        self._linked = linked
        self._number = next(_numbers)
        _units[self._number] = self

    def place(self, pc: int) -> tuple[str, str, int]:
        """Say which function, file and line an instruction is of; empty and 0 where that is not known."""
        try:
            name = self.program.symbol_at(pc) or ""
            file, line = self.program.line(pc) or ("", 0)
        except Exception:  # no pyelftools; or debug information that its author has tampered with
            return "", "", 0
        return name.partition("+")[0], file, line

    def __repr__(self) -> str:
        size = len(self._linked.text_bytes) + len(self._linked.data_bytes)
        return f"<CCode {self.program.name!r}: {', '.join(self.functions)}; {size} bytes>"

    def _repr_html_(self) -> str:
        return f"<b>{escape(repr(self).strip('<>'))}</b>{listing(self.program.source)}"


def symbols(end: int) -> dict[str, int]:
    """The kernel's variables and where they are."""
    fields = layouts()["kernel_data"].fields
    found = {name: _C["KERNEL_DATA"] + fields[name].offset for name in VARIABLES}
    return found | {"end": end, "etext": _C["ETEXT"], "trampoline": _C["TRAMPOLINE_PAGE"]}


def build(source: Any, end: int, others: Iterable[CCode], name: str, options: Mapping[str, Any]) -> CCode:
    """Compile and link where there is room beside `others`."""
    numbers = {each: number for number, each in enumerate(declarations())}

    def link(place: tuple[int, int]) -> Linked:
        return kernel_code(source, numbers, SERVICES, symbols(end), place, name=name, **options)

    linked = link((_TEXT[0], _DATA[0]))
    kept = [code._linked for code in others]
    place = (
        _room("text", len(linked.text_bytes), _TEXT, [(each.text, len(each.text_bytes)) for each in kept]),
        _room("data", len(linked.data_bytes), _DATA, [(each.data, len(each.data_bytes)) for each in kept]),
    )
    return CCode(linked if place == (linked.text, linked.data) else link(place))


def _room(what: str, size: int, region: tuple[int, int], taken: Sequence[tuple[int, int]]) -> int:
    """The first address at which `size` bytes are free, page by page."""
    here = region[0]
    for start, length in sorted(taken):
        if here + size <= start:
            break
        here = max(here, start + -(-length // _PAGE) * _PAGE)
    if here + size > region[1]:
        total = region[1] - region[0]
        raise NoRoomError(
            f"{size} bytes of {what} do not fit beside the other C code: there are {total} in all"
        )
    return here


def explain(error: KernelPanic, places: Sequence[tuple[int, int]]) -> None:
    """Add the source lines of the C code that an error went through, innermost first."""
    lines = []
    for number, pc in places:
        code = _units.get(number)
        symbol, file, line = code.place(pc) if code else ("", "", 0)
        if not file or code is None:
            lines.append(f"in {symbol or 'C code'}, at {pc:#x}")
            continue
        if isinstance(error, SeamError) and not error.file:
            error.file, error.line = file, line
        text = code.program.sources.get(file, "").splitlines()
        shown = f": {text[line - 1].strip()}" if 0 < line <= len(text) else ""
        lines.append(f"in {symbol or 'C code'}, {file}:{line}{shown}")
    if isinstance(error, SeamError):
        error.args = ("\n  ".join([str(error.args[0]), *lines]),)
    else:
        for each in lines:
            error.add_note(each)
