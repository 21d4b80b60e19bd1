"""What a machine offers a debugger: backtraces, listings, watchpoints by name, and GDB."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import arguments
from ..errors import DebugInfoError
from ..gdb import GdbServer
from ..hart import Hart
from ..memory import Memory
from ..stepping import Stepping
from ..stops import Watch, watch
from ..symbols import SymbolTable
from .backtrace import Backtrace, trace
from .disassembly import Disassembly, disassemble
from .images import Images
from .places import addresses_of
from .sources import Sources

if TYPE_CHECKING:
    from ..board.symbols import Symbols

_MOST_FRAMES = 1000
_MOST_INSTRUCTIONS = 100_000


class Debugging(Stepping):
    """A part of `Machine`."""

    harts: list[Hart]
    memory: Memory
    _symbols: SymbolTable
    _sources: dict[str, str]

    if TYPE_CHECKING:

        @property
        def symbols(self) -> Symbols: ...

    def backtrace(self, hart: int | None = None, *, limit: int = 64) -> Backtrace:
        """Show which function was called by which, with their arguments, from where a hart is.

        By the compiler's description of stack frames (``.debug_frame``, ``.eh_frame``), and where there is
        none by frame pointers. The stack is the guest's: what looks wrong ends the trace, which says why.

        Parameters
        ----------
        hart : int, optional
            Its number; by default the one that has stopped.
        limit : int
            Frames, 1 to 1000.

        Returns
        -------
        Backtrace
            Of `StackFrame`: function, file, line, `locals`, registers. Inlined functions have frames too. It
            ends at a trap vector. Values are there as long as the hart stands where it does.
        """
        limit = arguments.integer("limit", limit, 1, _MOST_FRAMES)
        return trace(self._hart_of(hart), Images(self._symbols), limit)

    def disassemble(
        self,
        where: int | str | None = None,
        count: int | None = None,
        *,
        source_path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | None = None,
    ) -> Disassembly:
        """Show machine code with the source lines that it was compiled from.

        Parameters
        ----------
        where : int or str, optional
            An address, a function, of which all is shown, or a source line such as ``"vm.c:120"``; by default
            where the hart is that has stopped.
        count : int, optional
            Instructions; by default all of a function, and 16 from anywhere else.
        source_path : path or list of paths, optional
            Folders to look for source files in: ``kernel/vm.c`` below them, then ``vm.c``. By default where
            the compiler found them. Files that are not found are shown by name and line.

        Returns
        -------
        Disassembly
            It shows itself; its `table` has the same as data.

        Raises
        ------
        KeyError
            When there is no such function or line.
        """
        images = Images(self._symbols)
        here = self._hart_of(None).pc
        start = here if where is None else self.breakpoints.address(where)
        end = images.end_of(start) if isinstance(where, str) and where in self._symbols else None
        usual = 16 if end is None else _MOST_INSTRUCTIONS
        return disassemble(
            self._read_code,
            images,
            Sources(source_path, self._sources),
            start,
            end=end,
            count=arguments.integer("count", usual if count is None else count, 0, _MOST_INSTRUCTIONS),
            here=here,
        )

    def watch(
        self, va: int | str, size: int | None = None, *, loads: bool = False, stores: bool = True
    ) -> Watch:
        """Stop runs after an instruction that touches a range of virtual addresses.

        The access has been made then; `RunResult.watch` says which it was, and what was there before. What
        devices write to memory is no access of a hart.

        Parameters
        ----------
        va : int or str
            The first address; or a variable, or a part of one: ``"ticks"``, ``"proc[3].state"``.
        size : int, optional
            Bytes; by default all of a variable, and 8 at an address.
        loads, stores : bool
            Which accesses count.

        Returns
        -------
        Watch
            Its `remove` ends it; so does the end of a `with` block.

        Raises
        ------
        KeyError
            When there is no such variable.
        DebugInfoError
            When the kernel was compiled without ``-g``, and there is no symbol of that name either.
        """
        if isinstance(va, str):
            address, whole = self._extent(va)
            return watch(self._engine, address, whole if size is None else size, loads, stores)
        return watch(self._engine, va, 8 if size is None else size, loads, stores)

    def gdb(self, port: int = 0) -> GdbServer:
        """Let GDB debug this machine, over a socket of this computer.

        Parameters
        ----------
        port : int
            Where to listen; 0 for any port that is free.

        Returns
        -------
        GdbServer
            It listens in a thread of its own until its `close`, or the end of a `with` block.

        Raises
        ------
        OSError
            When the port is taken.
        """
        return GdbServer(self, port)

    def _resolve(self, where: str) -> list[int]:
        return addresses_of(self._symbols, Images(self._symbols).known, where)

    def _extent(self, path: str) -> tuple[int, int]:
        """Where a variable or a part of one is, and how many bytes it has; 8 if there is but a symbol."""
        try:
            found = self.symbols._resolve(path)
        except DebugInfoError:
            if path in self._symbols:
                return self._symbols[path], 8
            raise
        return found.address, found.type.size

    def _hart_of(self, number: int | None) -> Hart:
        if number is None:
            number = self._engine.current_hart
        return self.harts[arguments.integer("hart", number, 0, len(self.harts) - 1)]

    def _read_code(self, address: int, size: int) -> bytes:
        """Read as the stopped hart would; what it does not map, where a kernel would have it in RAM."""
        data = self._hart_of(None).peek(address, size)
        return self.memory.read(address, size) if data is None else data
