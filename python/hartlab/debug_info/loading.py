"""A file's debug information: opened without trust, and found by name."""

from __future__ import annotations

import bisect
import functools
import importlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import DebugInfoError
from ..symbols import SymbolTable
from . import type_names
from .c_types import CType
from .catalogue import Catalogue
from .entries import damaged, inherited, number, similar, text
from .locations import constant_address
from .ranges import ranges
from .types import Types

_MOST_BYTES = 1 << 28  # of all debug sections, unpacked
HOW_TO_COMPILE = "compile the kernel with -g (gcc and clang: CFLAGS += -g) and do not strip it"


@dataclass(frozen=True)
class Variable:
    """A variable with an address of its own.

    Attributes
    ----------
    name : str
        As in the source; of a static one in a function or a second file, ``"scope::name"``.
    address : int
        Where it is, as the kernel was linked.
    type : CType
        Its type.
    file : str
        The source file of its compilation unit.
    line : int
        Where it is defined; 0 when it is not known.
    """

    name: str
    address: int
    type: CType
    file: str
    line: int

    def __repr__(self) -> str:
        return f"<Variable {self.name}: {self.type.name} at {self.address:#x}, {self.file}:{self.line}>"


class DebugInfo:
    """What a file says of its variables, types and functions. `load` makes one.

    Attributes
    ----------
    dwarf : DWARFInfo
        The file as pyelftools has it.
    symbols : SymbolTable
        Names and addresses of .symtab.
    types : Types
        Types by the entries that describe them.
    """

    def __init__(self, elf: bytes) -> None:
        self.symbols = SymbolTable(elf)
        self.dwarf = open_dwarf(elf)
        self.catalogue = Catalogue(self.dwarf)
        self.types = Types(self.catalogue.complete)
        self._variables: dict[str, Variable] = {}

    @property
    def version(self) -> int:
        """The version of DWARF: 4 or 5; of several, the highest."""
        return self.catalogue.version

    def type(self, name: str) -> CType:
        """Find a type by its name in C, with stars and lengths: ``"struct proc"``, ``"struct run *[8]"``.

        Raises
        ------
        KeyError
            When the file has no such type; the message has those with similar names.
        ValueError
            When the name is not written as one.
        """
        return type_names.parse(name, self._named_type)

    def _named_type(self, name: str) -> CType | None:
        if name == "void":
            return None
        die = self.catalogue.types.get(name)
        if die is None:
            raise KeyError(
                f"the kernel's debug information has no type {name!r}{similar(name, self.catalogue.types)}"
            )
        return self.types.described_by(die)

    def variable(self, name: str) -> Variable:
        """Find a variable: ``"proc"``, ``"trap.c::ticks"`` of one file, ``"allocpid::next"`` of one function.

        Raises
        ------
        KeyError
            When there is none, or when several files have one of their own; the message says which.
        """
        found = self._variables.get(name)
        if found is None:
            found = self._variables[name] = self._make(name, self.catalogue.variable(name))
        return found

    def _make(self, name: str, die: Any) -> Variable:
        typed, placed = inherited(die, "DW_AT_type"), inherited(die, "DW_AT_location")
        type_ = None if typed is None else self.types.of(typed)
        if type_ is None:
            raise DebugInfoError(f"the file gives no type for {name!r}")
        address = None if placed is None else constant_address(self.dwarf, placed)
        plain_name = name.rpartition("::")[2]
        if not address:  # dropped, or known to the linker alone
            address = self.symbols.get(plain_name)
        if address is None:
            raise KeyError(f"{name!r} has no address: the compiler has removed it, or it is a constant")
        line = inherited(die, "DW_AT_decl_line")
        return Variable(
            name,
            address,
            type_,
            text(die.cu.get_top_DIE()).rpartition("/")[2],
            0 if line is None else number(line, "DW_AT_decl_line", 0),
        )

    @functools.cached_property
    def _code(self) -> tuple[list[int], list[tuple[int, int, Any]]]:
        """Where functions begin, and (first, end, entry) of each; what the linker has dropped is at 0."""
        found = [
            (first, end, die)
            for dies in self.catalogue.functions.values()
            for die in dies
            for first, end in ranges(self.dwarf, die)
            if first
        ]
        found.sort(key=lambda each: each[0])
        return [first for first, _, _ in found], found

    def function_at(self, pc: int) -> Any:
        """Find the entry of the function whose code is at an address; None when there is none."""
        starts, found = self._code
        index = bisect.bisect_right(starts, pc) - 1
        return found[index][2] if index >= 0 and pc < found[index][1] else None

    def variables(self) -> Iterator[Variable]:
        """Every global variable that has an address and a type that can be read, by name."""
        for name in sorted(self.catalogue.variables):
            for each in self.catalogue.spellings(name):
                try:
                    yield self.variable(each)
                except (KeyError, DebugInfoError):
                    continue


@functools.lru_cache(maxsize=16)
def load(elf: bytes) -> DebugInfo:
    """Open a file's debug information. The same bytes are opened once.

    Raises
    ------
    DebugInfoError
        When it has none, or damaged one.
    ImportError
        When pyelftools is not installed.
    """
    return DebugInfo(elf)


def open_dwarf(elf: bytes) -> Any:
    """Open a file with pyelftools, without trust. Raises as `load` does."""
    if elf[:4] != b"\x7fELF":
        raise DebugInfoError("a raw image has no debug information; give the ELF file that it was made from")
    try:
        elffile = importlib.import_module("elftools.elf.elffile")
    except ImportError:
        raise ImportError("types of a guest's variables need pyelftools: pip install pyelftools") from None
    try:
        file = elffile.ELFFile(io.BytesIO(elf))
        sections = [each for each in file.iter_sections() if each.name.startswith((".debug_", ".zdebug_"))]
        total = sum(int(each.data_size) for each in sections)
        present = any(each.name in (".debug_info", ".zdebug_info") for each in sections)
    except Exception as error:
        raise damaged("the table of sections of the ELF file", error) from error
    if not present:
        raise DebugInfoError(f"the kernel has no debug information: {HOW_TO_COMPILE}")
    if total > _MOST_BYTES:
        raise DebugInfoError(f"{total:,} bytes of debug information; at most {_MOST_BYTES:,} are read")
    try:
        # Nothing outside the file is followed: what it names there is the file's choice, not the user's.
        return file.get_dwarf_info(relocate_dwarf_sections=False, follow_links=False)
    except Exception as error:
        raise damaged("the debug information", error) from error
