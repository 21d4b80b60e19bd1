"""`machine.symbols`: a guest kernel's variables, by name and by the types of its own source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import arguments
from ..debug_info import CType, DebugInfo, Function, PointerType, layout, load
from ..debug_info import read as read_value
from ..debug_info.entries import similar
from ..debug_info.loading import HOW_TO_COMPILE
from ..debug_info.paths import Reference, resolve
from ..debug_info.type_names import parse
from ..debug_info.values import Pointer
from ..errors import DebugInfoError
from ..page_table import PageTable
from ..showing import listing
from ..table import Table, as_table
from .guest_memory import GuestMemory, MappedMemory

if TYPE_CHECKING:
    from ..machine import Machine

_LONGEST_LIST = 1 << 24  # nodes: as many as there are frames in 64 GiB


class Symbols(Mapping[str, Any]):
    """The variables of the kernel (and of the firmware in front of it) as they are now.

    ``symbols["proc"]`` is a variable's value by its type in the source; a path leads into it as in C:
    ``symbols["proc[3].name"]``, ``symbols["cpus[0].proc->pid"]``, ``symbols["*initproc"]``. A static variable
    that several files or functions have is ``"trap.c::ticks"`` or ``"allocpid::next"``. What is read is a
    copy:

    ================================  ==================================================================
    in C                              here
    ================================  ==================================================================
    integers, bool, float             int, bool, float
    ``char name[16]``                 bytes, up to the end of the text
    an enum                           `EnumValue`: an int that equals its name
    a pointer                         `Pointer`: an int; its `read` follows it
    a struct or union                 `Record`: ``record["pid"]``
    an array of structs               `StructArray`: a NumPy structured array by the compiler's offsets
    another array                     a NumPy array
    ================================  ==================================================================

    An address inside RAM is taken as physical, since teaching kernels map RAM where it is. Another one is
    looked for in the segments of the ELF file, and then in the page tables of the harts.

    Addresses need the file's symbols; values need that it was compiled with ``-g``, and pyelftools.

    Attributes
    ----------
    memory : GuestMemory
        What values are read from.

    Examples
    --------
    >>> import hartlab as hl, pathlib, tempfile
    >>> script = pathlib.Path(tempfile.mkdtemp(), "kernel.ld")
    >>> places = "SECTIONS { . = 0x80000000; .text : { *(.text*) } .data : { *(.*data* .*bss*) } }"
    >>> _ = script.write_text(places)
    >>> kernel = hl.cc('''
    ...     struct proc { int pid; enum { UNUSED, RUNNING } state; unsigned long *pagetable; char name[16]; };
    ...     struct proc proc[2] = {{1, RUNNING, 0, "init"}};
    ...     volatile int ticks = 7;
    ...     void _start(void) { for (;;) proc[1].pid += ticks; }
    ... ''', ulib=False, script=script, optimize="-O0")
    >>> machine = hl.Machine(kernel=kernel)
    >>> machine.symbols["proc"]
    struct proc[2] from 0x8000... on
         pid  state    pagetable  name
    [0]  1    RUNNING  NULL       'init'
    [1]  0    UNUSED   NULL       ''
    >>> machine.symbols["proc[0].name"], machine.symbols["ticks"]
    (b'init', 7)
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._table = machine._symbols
        self.memory = GuestMemory(machine)

    # -- names -----------------------------------------------------------------------------------------------

    def address(self, path: str) -> int:
        """Find the address of a function or label, of a variable, or of a part of one.

        Parameters
        ----------
        path : str
            ``"main"``, ``"proc"``, ``"proc[3].name"``.

        Returns
        -------
        int
            As the kernel was linked.

        Raises
        ------
        KeyError
            When there is no such name.
        """
        if path in self._table:
            return self._table[path]
        return self._resolve(path).address

    def at(self, address: int) -> str | None:
        """Say what is at an address.

        Parameters
        ----------
        address : int
            As the kernel was linked.

        Returns
        -------
        str or None
            ``"scheduler+0x40"``, ``"proc+0x168"``; None where no symbol is responsible.
        """
        return self._table.at(arguments.address("address", address))

    def variables(self) -> Table:
        """List the variables.

        Returns
        -------
        Table
            A copy: name, address, size, type, file and line of the definition. By name.
        """
        rows = [
            (each.name, each.address, each.type.size, each.type.name, each.file, each.line)
            for info in self._infos
            for each in info.variables()
        ]
        text = {i: f"<U{max((len(str(row[i])) for row in rows), default=1)}" for i in (0, 3, 4)}
        kinds = [text[0], "<u8", "<u8", text[3], text[4], "<i4"]
        names = ("name", "address", "size", "type", "file", "line")
        return as_table(np.array(rows, dtype=[*zip(names, kinds, strict=True)]))

    # -- types -----------------------------------------------------------------------------------------------

    def type(self, name: str) -> CType:
        """Find a type: its fields with their offsets, when it is shown.

        Parameters
        ----------
        name : str
            As C writes it: ``"struct proc"``, ``"pagetable_t"``, ``"struct run *"``, ``"char[16]"``; or a
            variable or path, whose type is meant.

        Returns
        -------
        CType
            With `name` and `size`; a struct's `members`.

        Raises
        ------
        KeyError
            When the kernel has no such type.
        """
        missing: Exception | None = None
        for info in self._infos:
            try:
                return info.type(name)
            except (KeyError, ValueError) as error:
                missing = missing or error
        try:
            return self._resolve(name).type
        except (KeyError, ValueError):
            raise missing or KeyError(name) from None

    def dtype(self, name: str) -> np.dtype[Any]:
        """Give a type's layout in memory as a NumPy dtype, offsets and size being the compiler's.

        Parameters
        ----------
        name : str
            As `type` takes it.

        Returns
        -------
        dtype
            An enum and a pointer are integers in it. Bit fields are left out.
        """
        return layout(self.type(name))

    # -- values ----------------------------------------------------------------------------------------------

    def __getitem__(self, path: str) -> Any:
        return self._resolve(path).read(self.memory)

    def read(
        self,
        address: int,
        type: str | CType,
        count: int | None = None,
        *,
        page_table: PageTable | None = None,
    ) -> Any:
        """Read what is at an address as a type.

        Parameters
        ----------
        address : int
            Of the kernel, or of `page_table`.
        type : str or CType
            As C writes it.
        count : int, optional
            As many, as an array.
        page_table : PageTable, optional
            Translates the address: a process's, for what is in its memory.

        Returns
        -------
        value
            As ``symbols[...]`` gives it; a copy.

        Raises
        ------
        LookupError
            When there is no memory there.
        """
        kind = self.type(type) if isinstance(type, str) else type
        if count is not None:
            number = arguments.integer("count", count, 1)
            kind = parse(f"it[{number}]", lambda _: kind)
        memory = self.memory if page_table is None else MappedMemory(page_table)
        return read_value(memory, arguments.address("address", address), kind)

    def linked(self, head: str | int, next: str = "next", type: str | None = None) -> NDArray[np.uint64]:
        """Follow a linked list: the addresses of its nodes, in order.

        Parameters
        ----------
        head : str or int
            A path to the pointer to the first node, such as ``"kmem.freelist"``; or that node's address.
        next : str
            The field that points to the next one.
        type : str, optional
            Of the nodes, when `head` is a plain address.

        Returns
        -------
        ndarray of uint64
            Up to NULL, or to where the list comes back to itself or leads out of memory: there the address
            that is wrong is the last.

        Raises
        ------
        TypeError
            When `head` is no pointer to a struct.
        """
        first = self[head] if isinstance(head, str) else head
        node = (
            self.type(type).plain
            if type is not None
            else getattr(getattr(first, "type", None), "target", None)
        )
        if node is None or not hasattr(node.plain, "member"):
            raise TypeError(f"{head!r} is no pointer to a struct; say which with type=, such as 'struct run'")
        offset = node.plain.member(next).offset
        found: dict[int, None] = {}
        address = int(first)
        while address and len(found) < _LONGEST_LIST:
            if address in found:
                return np.array([*found, address], dtype=np.uint64)
            found[address] = None
            try:
                address = int.from_bytes(self.memory.read(address + offset, 8), "little")
            except LookupError:
                break
        return np.array([*found], dtype=np.uint64)

    # -- as a mapping ----------------------------------------------------------------------------------------

    @property
    def debug_info(self) -> DebugInfo:
        """The kernel's debug information, for whoever wants more of it.

        Raises
        ------
        DebugInfoError
            When there is none.
        """
        return self._infos[0]

    @cached_property
    def _infos(self) -> list[DebugInfo]:
        found, missing = [], None
        for elf in self._table.files:
            try:
                found.append(load(elf))
            except DebugInfoError as error:
                missing = missing or error
        if not found:
            raise missing or DebugInfoError(f"no ELF file was loaded: {HOW_TO_COMPILE}")
        return found

    def _resolve(self, path: str) -> Reference:
        arguments.instance("path", path, str, 'a name, such as "proc" or "proc[3].name"')
        try:
            infos = self._infos
        except DebugInfoError as error:
            raise self._untyped(path, error) from None
        missing: KeyError | None = None
        for info in infos:
            try:
                return resolve(info, path, self.memory)
            except KeyError as error:
                missing = missing or error
            if path in info.catalogue.functions and path in self._table:
                return _FunctionReference(self._table[path], PointerType(8, lambda: Function("void")))
        if missing is None or path not in self._table:
            raise missing or KeyError(path)
        raise DebugInfoError(
            f"{path!r} is a label at {self._table[path]:#x}, and the debug information gives it no type: "
            f"symbols.address({path!r}) is its address, and symbols.read(address, type) reads there"
        )

    def _untyped(self, path: str, error: DebugInfoError) -> Exception:
        """What to raise when there is no debug information at all."""
        name = re.split(r"[^\w$]", path.lstrip("* "), maxsplit=1)[0]
        if name in self._table:
            return DebugInfoError(
                f"{name!r} is at {self._table[name]:#x}, but its type is not known: {error}"
            )
        if not self._table:
            return error
        return KeyError(f"the kernel has no symbol {name!r}{similar(name, self._table)}")

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        try:
            self._resolve(path)
        except (LookupError, ValueError, TypeError):
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return (each.name for info in self._infos for each in info.variables())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        try:
            infos = self._infos
        except (DebugInfoError, ImportError) as error:
            return f"<Symbols: {len(self._table):,} addresses, no types ({error})>"
        variables = sum(len(info.catalogue.variables) for info in infos)
        functions = sum(len(info.catalogue.functions) for info in infos)
        return f"<Symbols: {variables:,} variables, {functions:,} functions, from DWARF {infos[0].version}>"

    def _repr_html_(self) -> str:
        return listing(repr(self))


class _FunctionReference(Reference):
    """A function: its value is its address, as in C."""

    def read(self, space: Any) -> Pointer:
        assert isinstance(self.type, PointerType)
        return Pointer(self.address, self.type, space)
