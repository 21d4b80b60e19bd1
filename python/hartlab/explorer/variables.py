"""Watched variables: of a program by name, of memory by address, of the kernel as ``"kernel:ticks"``."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from .. import arguments, words
from ..c_code import symbols as kernel_symbols
from ..programs import Programs
from ..structs import SIZES, layouts
from .moment import Moment

_MOST = 64  # bytes of one variable
_NUMBERS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Variable:
    """Something that is watched. `program` is empty for an address, ``"kernel"`` for the kernel's data."""

    name: str
    address: int
    size: int
    program: str = ""

    def value(self, moment: Moment, pid: int) -> str:
        """What it holds, in the address space of a process; a dash where there is nothing to read."""
        raw = self._read(moment, pid)
        if raw is None:
            return "–"
        if self.size in _NUMBERS:
            signed = int.from_bytes(raw, "little", signed=True)
            unsigned = int.from_bytes(raw, "little")
            return str(signed) if abs(signed) < 4096 else f"{unsigned:#x}"
        return raw.hex(" ", 4) + ("" if self.size <= _MOST else " ...")

    def _read(self, moment: Moment, pid: int) -> bytes | None:
        size = min(self.size, _MOST)
        try:
            if self.program == "kernel":
                return moment.state.read(self.address, size)
            process = moment.process(pid)
            if process is None or (self.program and str(process["name"]) != self.program):
                return None
            return moment.page_table(pid).peek(self.address, size)
        except IndexError:
            return None


def find(what: str, programs: Programs, end: int, program: str) -> Variable:
    """Find what someone has written: an address, a symbol of `program` or of another, ``"prog:symbol"``.

    An address or symbol may say its size: ``"0x5000/4"``.
    """
    text = what.strip()
    name, _, size_text = text.partition("/")
    size = _size(text, size_text)
    try:
        number = int(name, 0)
    except ValueError:
        pass
    else:
        return Variable(text, arguments.address("what", number), size or 8)
    wanted, _, symbol = name.rpartition(":")
    if wanted == "kernel":
        return _of_kernel(symbol, end, text, size)
    for path in _in_order(programs, wanted or program, not wanted):
        table = programs.symbols(path)
        if symbol in table:
            known = _sizes(programs.file_and_sources(path)[0]).get(symbol, 0)
            return Variable(text, table[symbol], size or known or 8, path)
    raise KeyError(
        f"{symbol!r} is no variable of a program that this kernel knows (local variables have no address to "
        'watch); write a name, "prog:name", "kernel:ticks", or an address such as 0x5000/4'
    )


def _in_order(programs: Programs, first: str, others: bool) -> list[str]:
    return [first, *(name for name in programs.names() if others and name != first)]


def _size(what: str, text: str) -> int:
    if not text:
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ValueError(f"{what!r}: behind the stroke stands a size of 1 to {_MOST} bytes, such as 0x5000/4")
    return int(text)


def _of_kernel(symbol: str, end: int, text: str, size: int) -> Variable:
    known = kernel_symbols(end)
    if symbol not in known:
        raise KeyError(f"the kernel has no variable {symbol!r}; it has {', '.join(known)}")
    field = layouts()["kernel_data"].fields.get(symbol)
    if field and not size:
        one = SIZES[field.type] if field.type in SIZES else layouts()[field.type].size
        size = one * max(field.length, 1)
    return Variable(text, known[symbol], size or 8, "kernel")


@functools.lru_cache(maxsize=16)
def _sizes(elf: bytes) -> dict[str, int]:
    from ..toolchain import elf as reader

    try:
        return {name: each.size for name, each in reader.symbols(elf).items()}
    except Exception:  # pyelftools is not there, or the file is not to its liking
        return {}


def describe(variable: Variable, before: Moment | None, now: Moment, pid: int) -> dict[str, Any]:
    """What is shown of a variable."""
    value = variable.value(now, pid)
    was = None if before is None else variable.value(before, pid)
    place = f"{variable.address:#x}" + (f" of {variable.program}" if variable.program else "")
    return {
        "name": variable.name,
        "place": f"{place}, {words.plural(variable.size, 'byte')}",
        "value": value,
        "before": was,
        "changed": was is not None and was != value,
    }
