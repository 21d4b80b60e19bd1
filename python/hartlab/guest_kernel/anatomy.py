"""Where a kernel keeps what: found once, by the names and types of its own source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..debug_info import Aggregate, Array, CType, Enumeration, Member, PointerType
from ..debug_info.c_types import Number
from ..debug_info.paths import Reference
from ..errors import DebugInfoError
from ..table import Table, as_table
from . import names

if TYPE_CHECKING:
    from ..board.symbols import Symbols

_DEEPEST = 4
_MOST_HEADS = 64
_PAGE = 4096


@dataclass(frozen=True)
class Part:
    """Something that was looked for. `found` is empty when it is not there."""

    what: str
    found: str
    tried: tuple[str, ...]
    without: str  # what cannot be said then

    def __str__(self) -> str:
        tried = ", ".join(self.tried)
        return f"{self.what}: looked for {tried}; without it {self.without}"


@dataclass
class Anatomy:
    """What was found in a kernel."""

    parts: list[Part] = field(default_factory=list)
    processes: Reference | None = None
    process: Aggregate | None = None
    by_pointer: bool = False  # the table has pointers to structs
    fields: dict[str, Member] = field(default_factory=dict)
    roots: list[Member] = field(default_factory=list)  # further page tables of a process
    states: dict[int, str] = field(default_factory=dict)
    heads: list[tuple[str, Reference]] = field(default_factory=list)  # of free lists, by path
    next_offset: int = 0
    kernel_page_table: Reference | None = None
    end: int = 0
    cpus: Reference | None = None
    ticks: Reference | None = None
    files: Reference | None = None

    @property
    def missing(self) -> list[Part]:
        """What was not found."""
        return [part for part in self.parts if not part.found]

    def table(self) -> Table:
        """What was looked for, and as what it was found."""
        rows = [(part.what, part.found, ", ".join(part.tried), part.without) for part in self.parts]
        widths = [max(1, *(len(row[i]) for row in rows)) for i in range(4)]
        kinds = zip(("part", "found", "tried", "otherwise"), (f"<U{wide}" for wide in widths), strict=True)
        return as_table(np.array(rows, dtype=[*kinds]))


def examine(symbols: Symbols) -> Anatomy:
    """Find the parts of a kernel. What is not there is noted, and never an error.

    Raises
    ------
    DebugInfoError
        When the kernel has no debug information at all.
    """
    return _Examination(symbols).result


class _Examination:
    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        symbols.debug_info  # noqa: B018 - says that there is none
        self.result = Anatomy()
        self._find_processes()
        self._find_free_list()
        result = self.result
        result.kernel_page_table = self._variable(
            "kernel page table",
            names.KERNEL_PAGE_TABLES,
            "the page table of a hart in S-mode is taken for it, and the end of RAM for PHYSTOP",
        )
        self._find_end()
        result.ticks = self._variable("ticks", names.TICKS, "there are no ticks")
        result.cpus = self._variable("cpus", names.CPUS, "nobody knows which process a hart executes")
        result.files = self._variable(
            "open files",
            names.OPEN_FILES,
            "pipes are no owners: their pages count as in the hands of the kernel",
        )

    def _try(self, path: str) -> Reference | None:
        try:
            return self._symbols._resolve(path)
        except (LookupError, ValueError, TypeError):
            return None

    def _variable(self, what: str, tried: tuple[str, ...], without: str) -> Reference | None:
        found = next(((name, each) for name in tried if (each := self._try(name)) is not None), None)
        self.result.parts.append(Part(what, found[0] if found else "", tried, without))
        return found[1] if found else None

    def _find_end(self) -> None:
        table = self._symbols._table
        name = next((name for name in names.ENDS if name in table), "")
        self.result.end = table.get(name, 0)
        without = "memory for pages is taken to begin where the ELF file ends"
        self.result.parts.append(Part("end of the kernel", name, names.ENDS, without))

    # -- processes -------------------------------------------------------------------------------------------

    def _find_processes(self) -> None:
        result = self.result
        found = next((hit for name in names.PROCESS_TABLES if (hit := self._table(name))), None)
        if found is None:
            found = next((hit for name in self._symbols if (hit := self._table(name))), None)
        tried = (*names.PROCESS_TABLES, *(f"an array of {name}" for name in names.PROCESS_STRUCTS))
        without = "there are no processes, and nobody owns their pages"
        result.parts.append(Part("process table", found[0] if found else "", tried, without))
        if found is None:
            return
        _, result.processes, result.process, result.by_pointer = found
        for meaning, candidates in names.FIELDS.items():
            member = next((m for name in candidates for m in result.process.members if m.name == name), None)
            if member is not None:
                result.fields[meaning] = member
            what = f"{result.process.name}: {meaning}"
            part = Part(what, member.name if member else "", candidates, names.WITHOUT_FIELD[meaning])
            result.parts.append(part)
        own = result.fields.get("pagetable")
        result.roots = [each for each in result.process.members if _is_page_table(each) and each != own]
        kind = result.fields["state"].type.plain if "state" in result.fields else None
        result.states = kind.names if isinstance(kind, Enumeration) else dict(enumerate(names.STATES))

    def _table(self, path: str) -> tuple[str, Reference, Aggregate, bool] | None:
        """A variable that is an array of structs with a page table and a number, or of pointers to them."""
        here = self._try(path)
        plain = here.type.plain if here is not None else None
        if here is None or not isinstance(plain, Array) or len(plain.shape) != 1:
            return None
        element = plain.element.plain
        pointers = isinstance(element, PointerType)
        if isinstance(element, PointerType):
            element = element.target.plain if element.target is not None else element
        if not isinstance(element, Aggregate) or not element.size:
            return None
        looks_right = element.name in names.PROCESS_STRUCTS or all(
            any(name in element for name in names.FIELDS[needed]) for needed in ("pid", "pagetable")
        )
        return (path, here, element, pointers) if looks_right else None

    # -- the free list ---------------------------------------------------------------------------------------

    def _find_free_list(self) -> None:
        result = self.result
        heads = [(path, each) for path in names.FREE_LISTS if (each := self._try(path)) is not None]
        heads = [(path, each) for path, each in heads if _next_offset(each.type) is not None][:1]
        known = {each.address for _, each in heads}
        heads += [(path, each) for path, each in self._lists_by_type() if each.address not in known]
        if heads:
            result.heads = heads
            result.next_offset = _next_offset(heads[0][1].type) or 0
        tried = (*names.FREE_LISTS, "a pointer to a struct run that has a next")
        found = ", ".join(path for path, _ in heads)
        without = "it is not known which frames are free, or lost"
        result.parts.append(Part("free list", found, tried, without))

    def _lists_by_type(self) -> Iterator[tuple[str, Reference]]:
        """Pointers to a struct run in any variable: an allocator may have a list a hart."""
        left = _MOST_HEADS
        for name in self._symbols:
            here = self._try(name)
            if here is None:
                continue
            for path, each in _pointers_to_runs(name, here, 0):
                left -= 1
                if left < 0:
                    return
                yield path, each


def _pointers_to_runs(path: str, here: Reference, depth: int) -> Iterator[tuple[str, Reference]]:
    plain = here.type.plain
    if isinstance(plain, PointerType):
        target = plain.target.plain if plain.target is not None else None
        if target is not None and target.name in ("struct run", "run") and _next_offset(plain) is not None:
            yield path, here
    elif depth > _DEEPEST:
        return
    elif isinstance(plain, Array) and len(plain.shape) == 1 and plain.shape[0] <= _MOST_HEADS:
        for i in range(plain.shape[0]):
            element = Reference(here.address + i * plain.element.size, plain.element)
            yield from _pointers_to_runs(f"{path}[{i}]", element, depth + 1)
    elif isinstance(plain, Aggregate):
        for member in plain.members:
            if not member.bits:
                inner = Reference(here.address + member.offset, member.type)
                yield from _pointers_to_runs(f"{path}.{member.name}", inner, depth + 1)


def _next_offset(type_: CType) -> int | None:
    """Where the nodes that a pointer leads to have the pointer to the next; None when they have none."""
    plain = type_.plain
    target = plain.target.plain if isinstance(plain, PointerType) and plain.target is not None else None
    if not isinstance(target, Aggregate):
        return None
    try:
        members = target.members
    except DebugInfoError:
        return None
    for member in members:
        onward = member.type.plain
        if isinstance(onward, PointerType) and onward.target is not None and onward.target.plain is target:
            inside = member.offset <= _PAGE - 8 and member.offset % 8 == 0  # nodes are free pages
            return member.offset if inside else None
    return None


def _is_page_table(member: Member) -> bool:
    """Whether a field is a pointer to 64-bit entries by a type with a name of its own: pagetable_t."""
    plain = member.type.plain
    if not isinstance(plain, PointerType) or plain is member.type or plain.target is None:
        return False
    target = plain.target.plain
    return isinstance(target, Number) and target.size == 8 and target.kind == "u"
