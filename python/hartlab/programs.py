"""What a kernel knows of its programs: their files, and the names of their functions and variables."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import _engine, arguments, program
from .debugging.images import image_of
from .debugging.places import addresses_of_line, is_line
from .files import Files
from .symbols import SymbolTable
from .toolchain.program import Program

_NAME_LENGTH = 15  # of struct proc's name, its end not counted


class Programs:
    """The programs among a kernel's files."""

    def __init__(self, engine: _engine.Kernel, files: Files) -> None:
        self._engine = engine
        self._files = files
        self._sources: dict[str, Mapping[str, str]] = {}  # of programs that hartlab has compiled, by path

    def register(self, what: Any, name: str | None = None) -> str:
        """Put a program among the files, unless the very same is there, and return its path."""
        path = "/" + (name or program.name_of(what)).strip("/")
        data = program.contents("program", what)
        if self._files.get(path) != data:
            self._files.add(path, data)
        if isinstance(what, Program):
            self._sources[path] = what.sources
        return path

    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """Return the sources that are known, by path of the program and name of the file."""
        return {path: {**files} for path, files in self._sources.items()}

    def know_sources(self, sources: Mapping[str, Mapping[str, str]]) -> None:
        """Know of sources what another kernel knows, or did."""
        self._sources.update({path: {**files} for path, files in sources.items()})

    def path_of(self, what: Any, name: str | None) -> str:
        """Return the path of a program, which is registered unless it is among the files already."""
        if not isinstance(what, str):
            return self.register(what, name)
        if what.strip("/") and what in self._files:
            return "/" + what.strip("/")
        if not Path(what).is_file():
            raise FileNotFoundError(
                f"program={what!r} is neither in kernel.files nor a file of this computer"
            )
        return self.register(Path(what), name)

    def names(self) -> list[str]:
        """Return what processes that run these programs are called."""
        return [path.rsplit("/", 1)[-1][:_NAME_LENGTH] for path in self._files]

    def _path(self, name: str) -> str | None:
        wanted = name[:_NAME_LENGTH]
        return next((path for path in self._files if path.rsplit("/", 1)[-1][:_NAME_LENGTH] == wanted), None)

    def symbols(self, name: str) -> SymbolTable:
        """Return the symbols of the program of a process with that name."""
        path = self._path(name)
        return SymbolTable() if path is None else _symbol_table(self._files[path])

    def file_and_sources(self, name: str) -> tuple[bytes, Mapping[str, str]]:
        """Return the file of that program, and its sources as far as they are known; empty without one."""
        path = self._path(name)
        return (b"", {}) if path is None else (self._files[path], self._sources.get(path, {}))

    def symbol_at(self, pid: int, address: int) -> str | None:
        """Say where an address is in the program of a process."""
        fields = self._engine.process_fields(pid) if pid else None
        return None if fields is None else self.symbols(str(fields["name"])).at(address)

    def resolve(self, where: str) -> list[int]:
        """Find a function or variable, or a source line of any program.

        ``"main"``, or ``"prog:main"`` where several programs have one; ``"prog.c:12"``.
        """
        if is_line(where):
            images = (image_of(self._files[path]) for path in self._files)
            return addresses_of_line([image for image in images if image], where)
        wanted, _, symbol = where.rpartition(":")
        found = {
            path.strip("/"): table[symbol]
            for path in self._files
            if (not wanted or path.strip("/") == wanted.strip("/"))
            and symbol in (table := _symbol_table(self._files[path]))
        }
        if not found:
            raise KeyError(f"no program that this kernel knows has a symbol {symbol!r}")
        if len(set(found.values())) > 1:
            options = ", ".join(f"'{path}:{symbol}'" for path in found)
            raise ValueError(f"{symbol!r} is in several programs; write one of {options}")
        return list(set(found.values()))


def argv(args: Sequence[str] | None, path: str) -> list[str]:
    """Return the arguments of a program, which begin with its name unless the caller says otherwise."""
    if args is None:
        return [path.rsplit("/", 1)[-1]]
    if isinstance(args, str):
        raise TypeError(f"args={args!r} must be a sequence of str, such as [{args!r}]")
    return [arguments.text(f"args[{i}]", arg) for i, arg in enumerate(args)]


@functools.lru_cache(maxsize=64)
def _symbol_table(elf: bytes) -> SymbolTable:
    return SymbolTable(elf)
