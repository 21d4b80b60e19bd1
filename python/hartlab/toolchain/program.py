"""A compiled program: the ELF file, where it came from, and what is in it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from html import escape
from pathlib import Path
from types import MappingProxyType

from ..showing import listing
from . import elf as _elf
from .compilers import Compiler


class Program:
    """A RISC-V program that `cc` has made. Immutable; two are equal when name and bytes are.

    Attributes
    ----------
    name : str
        What the kernel shall call it.
    elf : bytes
        The ELF file.
    path : pathlib.Path
        The same bytes as a file in the cache. A copy: what is written there does not change this object.
    compiler : Compiler
        Who made it.
    sources : mapping of str to str
        The text of each source file by its name.
    remarks : str
        The compiler's warnings; empty when it had none.

    Examples
    --------
    >>> from hartlab.toolchain import cc
    >>> program = cc("int table[1000] = {1}; int main() { return table[0]; }", name="table")
    >>> [(segment.flags, segment.va % 4096) for segment in program.segments]
    [('R-X', 0), ('RW-', 0)]
    >>> program.source
    'int table[1000] = {1}; int main() { return table[0]; }'
    """

    def __init__(
        self,
        name: str,
        elf: bytes,
        path: Path,
        compiler: Compiler,
        sources: Mapping[str, str],
        remarks: str = "",
    ) -> None:
        self.name = name
        self.elf = elf
        self.path = path
        self.compiler = compiler
        self.sources = MappingProxyType(dict(sources))
        self.remarks = remarks

    @property
    def source(self) -> str:
        """The source text; of several files one behind the other, each under a line with its name."""
        if len(self.sources) == 1:
            return next(iter(self.sources.values()))
        return "".join(f"// ---- {name}\n{text}\n" for name, text in self.sources.items())

    @property
    def entry(self) -> int:
        """Address of the first instruction."""
        return _elf.entry(self.elf)

    @functools.cached_property
    def segments(self) -> list[_elf.Segment]:
        """What exec() loads: text and constants (R-X), then data (RW-) if there is any."""
        return _elf.segments(self.elf)

    @functools.cached_property
    def symbols(self) -> dict[str, _elf.Symbol]:
        """Functions and variables by name, in the order of their addresses (needs `pyelftools`)."""
        return _elf.symbols(self.elf)

    def symbol(self, name: str) -> _elf.Symbol:
        """Return the function or variable called `name` (needs `pyelftools`).

        Parameters
        ----------
        name : str
            As in the C source.

        Returns
        -------
        Symbol

        Raises
        ------
        KeyError
            When the program has none; the linker drops what nothing uses.
        """
        try:
            return self.symbols[name]
        except KeyError:
            raise KeyError(f"program {self.name!r} has no symbol {name!r}") from None

    def symbol_at(self, address: int) -> str | None:
        """Say in which function or variable `address` lies (needs `pyelftools`).

        Parameters
        ----------
        address : int, bytes, virtual address
            Such as a pc.

        Returns
        -------
        str or None
            ``"main"`` or ``"main+0x10"``; None when it lies in none.
        """
        for symbol in self.symbols.values():
            if symbol.address <= address < symbol.address + max(symbol.size, 1):
                offset = address - symbol.address
                return symbol.name if offset == 0 else f"{symbol.name}+{offset:#x}"
        return None

    def line(self, address: int) -> tuple[str, int] | None:
        """Say which source line the instruction at `address` was compiled from (needs `pyelftools`).

        Parameters
        ----------
        address : int, bytes, virtual address
            Such as a pc.

        Returns
        -------
        (str, int) or None
            File and line, counted from 1; None when there is no instruction, or no source.
        """
        return self._lines.at(address)

    @functools.cached_property
    def _lines(self) -> _elf.LineTable:
        return _elf.LineTable(self.elf)

    def __fspath__(self) -> str:
        return str(self.path)

    def __bytes__(self) -> bytes:
        return self.elf

    def __reduce__(self) -> tuple[type[Program], tuple[object, ...]]:
        # A mapping proxy cannot be pickled. Where this is read again, `path` may name no file.
        made_of = (self.name, self.elf, self.path, self.compiler, dict(self.sources), self.remarks)
        return type(self), made_of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and (self.name, self.elf) == (other.name, other.elf)

    def __hash__(self) -> int:
        return hash((self.name, self.elf))

    def __repr__(self) -> str:
        parts = ", ".join(f"{part.flags} {part.memory_size} bytes at {part.va:#x}" for part in self.segments)
        return f"<Program {self.name!r}: {parts}; {self.compiler.name}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{part.va:#x}</code></td><td><code>{part.va + part.memory_size:#x}</code></td>"
            f"<td><code>{part.flags}</code></td><td>{part.file_size}</td><td>{part.memory_size}</td></tr>"
            for part in self.segments
        )
        sources = "".join(
            f"<details><summary><code>{escape(name)}</code></summary>{listing(text)}</details>"
            for name, text in self.sources.items()
        )
        remarks = listing(self.remarks) if self.remarks else ""
        return (
            f"<div><b>Program <code>{escape(self.name)}</code></b>, entry <code>{self.entry:#x}</code>, "
            f"compiled by {escape(str(self.compiler))}"
            "<table><thead><tr><th>from</th><th>to</th><th>flags</th><th>bytes in file</th>"
            "<th>bytes in memory</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>{remarks}{sources}</div>"
        )
