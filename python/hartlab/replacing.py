"""Replacing functions of the kernel: a part of Kernel."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar, overload

from . import _engine, c_region
from .arguments import integer
from .c_code import CCode, build
from .functions import declarations, known
from .history import History
from .seam import Performer
from .table import Table
from .toolchain.kernel_code import named

F = TypeVar("F", bound=Callable[..., Any])


class Replaced:
    """A function that has been replaced. At the end of a ``with`` block it is again what it was before.

    Attributes
    ----------
    name : str
        The function.
    """

    def __init__(self, kernel: Replacing, name: str) -> None:
        self._kernel = kernel
        self.name = name
        self._before = (kernel._performers.get(name), kernel._engine.performer(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        python, engine = self._before
        if python is None or engine is None:
            self._kernel.restore_native(self.name)
            return
        self._kernel._engine.put_performer(self.name, engine)
        self._kernel._performers[self.name] = python
        self._kernel._history.forget()

    def __repr__(self) -> str:
        return f"<Replaced: {declarations()[self.name]}>"


class Replacing:
    """The base of Kernel that replaces functions."""

    _engine: Any
    _history: History
    _performers: dict[str, Performer | CCode]
    page_table: Any  # the kernel's own

    @overload
    def replace(self, function: str) -> Callable[[F], F]: ...
    @overload
    def replace(self, function: str, python: Callable[..., Any]) -> Replaced: ...
    def replace(self, function: str, python: Callable[..., Any] | None = None) -> Any:
        """Put a Python function in the place of a function of the kernel.

        From then on every call of it, by the kernel's other functions too, is a call of the Python function:
        with `hartlab.seam.SeamKernel`, the kernel as its functions see it, and the arguments as ints. It
        returns an int, or None where C's returns nothing.

        A call is atomic. While it lasts, tables and memory can be looked at, and `run`, `snapshot`,
        `restore`, `clone` and system calls raise RuntimeError. Stepping back executes the function again, so
        it should depend on nothing but its arguments and the kernel's memory. Clones share it, `restore`
        keeps it, and the history that `back` uses begins anew.

        Parameters
        ----------
        function : str
            xv6's name; `hartlab.functions` lists them.
        python : callable, optional
            What to call; without it, the result is a decorator.

        Returns
        -------
        Replaced or decorator
            Which may be used in a ``with`` statement, to replace the function for a while.

        Raises
        ------
        ValueError
            When the kernel has no such function.
        RuntimeError
            In the middle of a call of a replaced function.

        Examples
        --------
        >>> import hartlab as hl
        >>> kernel = hl.Kernel(memory="4MiB")
        >>> @kernel.replace("kalloc")
        ... def kalloc(k):
        ...     page = k.native.kalloc()
        ...     k.print(f"kalloc gives {page:#x}\\n")
        ...     return page
        >>> page = kernel.call("kalloc")
        >>> "kalloc gives" in kernel.console.text
        True
        """
        name = known(function)
        if python is None:

            def decorate(given: F) -> F:
                self.replace(name, given)
                return given

            return decorate
        if not callable(python):
            raise TypeError(f"python={python!r} is not callable")
        replaced = Replaced(self, name)
        self._put(name, Performer(name, python))
        return replaced

    def replace_c(
        self,
        source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        name: str | None = None,
        compiler: str | os.PathLike[str] = "zig",
        optimize: str = "-O1",
        flags: Sequence[str] = (),
        max_instructions: int = 100_000_000,
    ) -> CCode:
        """Put functions written in C in the place of functions of the kernel.

        The source is compiled for RISC-V and executed on the simulated machine in S-mode, under the kernel's
        page table, on a hart of its own with a stack and data of its own. Every function in it that has the
        name of one of the kernel's takes its place; it may have others, and variables. What it calls and
        does not define is called through the kernel's table. ``kernel/kernel.h``, which declares functions,
        structs, constants and macros under xv6's names, is included before it. Static variables are part of
        the kernel's state: a snapshot has them.

        A wild pointer, a loop or a recursion without end, a jump to where no code is: each is a SeamError
        that names function, source line and address, with the kernel frozen as it was.

        Parameters
        ----------
        source : str, path, or sequence of these
            As `hartlab.cc` takes it.
        name : str, optional
            What to call it in messages; by default the file's name, or ``"mine"`` for text.
        compiler : str or path
            As `hartlab.cc` takes it.
        optimize : str
            ``"-O0"`` to ``"-O3"``, ``"-Os"`` or ``"-Og"``.
        flags : sequence of str
            More arguments for the compiler.
        max_instructions : int
            Of C code, in one call from the kernel.

        Returns
        -------
        CCode
            What was compiled, and which functions it performs.

        Raises
        ------
        CompileError
            When the compiler refuses, or the source defines none of the kernel's functions.
        ValueError
            When it does not fit into the region of C code.

        Examples
        --------
        >>> import hartlab as hl
        >>> kernel = hl.Kernel(memory="4MiB")
        >>> code = kernel.replace_c("int flags2perm(int flags) { return flags & 2 ? PTE_W : 0; }")
        >>> kernel.call("flags2perm", 3)
        4
        """
        options = {"compiler": compiler, "optimize": optimize, "flags": tuple(flags)}
        limit = integer("max_instructions", max_instructions, 1, (1 << 63) - 1)
        code = build(source, self._engine.end, self._units(), name or named(source), options)
        self._put_c(code, limit)
        return code

    def c_region(self) -> Table:
        """List the pages of the region where C code has its stack, its variables and its instructions.

        The region lies beside RAM, from 0x1010_0000 on: none of it is a frame that kalloc could give, so that
        `frames`, `free_list` and diffs are the same with C and without. The kernel's page table maps it, at
        its own addresses.

        Returns
        -------
        Table
            A copy, a row a page, by ascending address: pa; owner (``"stack"``, ``"data"``, ``"text"``,
            ``"gate"`` for the engine's own page, ``"free"``); code and functions, whose page it is; size, the
            bytes of it in use; flags, how the kernel's page table maps it, empty when it does not.

        Examples
        --------
        >>> import hartlab as hl
        >>> kernel = hl.Kernel(memory="4MiB")
        >>> code = kernel.replace_c("static int calls; int kill(int pid) { return calls++; }", name="lab")
        >>> region = kernel.c_region()
        >>> region[region["code"] == "lab"][["owner", "functions", "flags"]].tolist()
        [('data', 'kill', 'VRW-----'), ('text', 'kill', 'VR-X----')]
        """
        entries = self.page_table.entries(first=c_region.FIRST, last=c_region.END - 1)
        flags = {
            int(va): _engine.flag_string(int(pte))
            for va, pte in zip(entries["va"], entries["pte"], strict=True)
        }
        return c_region.region_table(self._units(), flags)

    def _units(self) -> list[CCode]:
        """The C code in use, each once."""
        return list(dict.fromkeys(each for each in self._performers.values() if isinstance(each, CCode)))

    def _put_c(self, code: CCode, limit: int) -> None:
        linked = code._linked
        self._engine.replace_c(
            code._number,
            (linked.text, linked.text_bytes),
            (linked.data, linked.data_bytes),
            linked.functions,
            limit,
        )
        self._performers.update(dict.fromkeys(code.functions, code))
        self._history.forget()

    def _put(self, name: str, performer: Performer) -> None:
        self._engine.replace(name, performer)
        self._performers[name] = performer  # the engine itself keeps only a weak reference
        self._history.forget()

    def restore_native(self, function: str | None = None) -> None:
        """Make a function the engine's own again.

        Parameters
        ----------
        function : str, optional
            Which; all of them by default.

        Raises
        ------
        ValueError
            When the kernel has no such function.
        """
        for name in list(self._performers) if function is None else [known(function)]:
            self._engine.restore_native(name)
            self._performers.pop(name, None)
            self._history.forget()

    @property
    def replaced(self) -> Mapping[str, Any]:
        """What takes the place of each function, a callable or a CCode, by name. A copy."""
        return MappingProxyType(
            {
                name: each.function if isinstance(each, Performer) else each
                for name, each in self._performers.items()
            }
        )
