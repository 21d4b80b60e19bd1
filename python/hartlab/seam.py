"""What a kernel function written in Python is given, and what becomes of the exceptions that it raises."""

from __future__ import annotations

import dis
import linecache
from collections.abc import Callable
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from . import _engine, constants, words
from .errors import KernelPanic, SeamError
from .functions import declarations
from .structs import Struct, layouts

_PACKAGE = str(Path(__file__).resolve().parent)
_DIRECT = {
    **{f"{verb}{bits}": f"{verb}{bits}" for verb in ("load", "store") for bits in (8, 16, 32, 64)},
    "memmove": "kernel_memmove",
    "memset": "kernel_memset",
    "read": "kernel_read",
    "write": "kernel_write",
    "panic": "kernel_panic",
    "print": "kernel_print",
    "fail": "kernel_fail",
    "acquire": "acquire",
    "release": "release",
    "sfence_vma": "kernel_sfence_vma",
    **{name: name for name in ("namei", "readi", "idup", "iput", "filealloc", "filedup", "fileclose")},
}
_MOST_WRAPPED = 8
_CONSTANTS: dict[str, int] = dict(_engine.constants())
_FACTS = ("end", "phystop", "policies", "why", "time", "timer_interval")


class _Native:
    """The engine's own functions, whatever is replaced."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        if name not in declarations():
            raise AttributeError(f"the kernel has no function {name!r}: hl.functions() lists them")
        return getattr(self._engine, f"native_{name}")


class SeamKernel:
    """The kernel as its functions see it: the ``k`` that a replacement is given.

    Everything is integers, bytes and handles. An address of kernel data or of a frame is a physical address.
    Each use costs a unit of the kernel's work.

    ==========================================  ====================================================
    ``k.kalloc()``, ``k.walk(pt, va, 0)`` ...   any kernel function, replaced or not
    ``k.native.uvmcopy(old, new, sz)``          the engine's own
    ``k.load8(pa)`` ... ``k.load64(pa)``        a number in memory
    ``k.store8(pa, v)`` ... ``k.store64(pa, v)``
    ``k.memmove(to, from, n)``                  copy; ``k.memset(pa, byte, n)`` fills
    ``k.read(pa, n)``, ``k.write(pa, data)``    bytes
    ``k.panic(text)``                           freezes the kernel, and does not return
    ``k.fail(why)``                             notes the reason (`Kernel.why`) and returns -1
    ``k.print(text)``                           on the console
    ``k.acquire(lock)``, ``k.release(lock)``    a spinlock, by address
    ``k.sfence_vma(va, asid)``                  a fence; both may be left out
    ``k.namei(path)``                           an inode, by the path (bytes); or 0; ``k.iput(ip)``
    ``k.readi(ip, pa, offset, n)``              reads a file into memory: how many bytes; ``k.idup(ip)``
    ``k.filealloc()``, ``k.filedup(f)``         a struct file, by address; ``k.fileclose(f)``
    ``k.satp``                                  the register: reads and assigns
    ``k.instret``, ``k.time``                   the counters of the hart; ``k.timer_interval`` in ticks
    ``k.myproc()``                              a handle of the current struct proc, or of null
    ``k.proc(address)``, ``k.struct(name, a)``  a handle: ``p.sz``, ``p.sz = n``, ``p.ofile(0)``
    ``k.data``                                  the kernel's own data: ``k.data.kmem.freelist``
    ``k.references(pa)``                        address of the frame's reference count, an int
    ``k.end``, ``k.phystop``, ``k.policies``    of this kernel
    ``k.PGSIZE``, ``k.PTE_V``, ``k.PX`` ...     everything in `hartlab.constants`
    ==========================================  ====================================================
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        # Found once, and from then on an attribute like any other.
        if name in declarations():
            value = getattr(self._engine, f"fn_{name}")
        elif name in _DIRECT:
            value = getattr(self._engine, _DIRECT[name])
        elif name in _FACTS:
            return getattr(self._engine, name)
        elif name.isupper() and hasattr(constants, name):  # and what stands for a macro of C: PX, PTE2PA
            value = getattr(constants, name)
        elif name in _CONSTANTS:
            value = _CONSTANTS[name]
        else:
            raise AttributeError(f"k has no {name!r}: hl.functions() lists the functions, help(k) the rest")
        self.__dict__[name] = value
        return value

    @property
    def native(self) -> _Native:
        """The engine's own functions."""
        return _Native(self._engine)

    @property
    def satp(self) -> int:
        """The register satp of the hart."""
        return int(self._engine.kernel_satp)

    @satp.setter
    def satp(self, value: int) -> None:
        self._engine.kernel_satp = value

    @property
    def instret(self) -> int:
        """The instructions that the hart has retired."""
        return int(self._engine.retired)

    @property
    def data(self) -> Struct:
        """The kernel's own data, struct kernel_data."""
        return Struct(self, "kernel_data", _CONSTANTS["KERNEL_DATA"])

    def struct(self, name: str, address: int) -> Struct:
        """Give a handle of a struct at an address."""
        if name not in layouts():
            raise ValueError(f"name={name!r} is none of {', '.join(layouts())}")
        return Struct(self, name, address)

    def proc(self, address: int) -> Struct:
        """Give a handle of a struct proc."""
        return Struct(self, "proc", address)

    def myproc(self) -> Struct:
        """Give a handle of the process on the hart; its address is 0 when there is none."""
        return Struct(self, "proc", self._engine.myproc())

    def references(self, pa: int) -> int:
        """Say where the reference count of a frame is."""
        return _CONSTANTS["REFERENCE_COUNTS"] + (pa - constants.KERNBASE) // constants.PGSIZE * 4

    def __repr__(self) -> str:
        return f"<the kernel, in {self._engine.seam_chain or 'no call of a replaced function'}>"


class RaisedElsewhere(Exception):  # noqa: N818 - no error of its own
    """What a function raised that another process performs.

    Attributes
    ----------
    what : str
        The exception in words.
    place : str
        Its line in words; empty when it is not known.
    """

    def __init__(self, what: str, place: str) -> None:
        super().__init__(what)
        self.what = what
        self.place = place


def where(traceback: TracebackType | None) -> tuple[str, int]:
    """File and line of the innermost frame that is not of this package: the student's."""
    found = ("", 0)
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(_PACKAGE):
            found = (file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def returning(function: object) -> tuple[str, int]:
    """File and line of a function's return: of its only one, or else of its def."""
    for _ in range(_MOST_WRAPPED):  # what a grader has put around it
        function = getattr(function, "__wrapped__", function)
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return "", 0
    returns = {
        instruction.positions.lineno
        for instruction in dis.get_instructions(code)
        if instruction.opname.startswith("RETURN_") and instruction.positions
    }
    if len(returns) == 1:
        return code.co_filename, returns.pop() or code.co_firstlineno
    first: int = code.co_firstlineno  # of its decorators, when it has some
    for line in range(first, max((line for *_, line in code.co_lines() if line), default=first) + 1):
        if linecache.getline(code.co_filename, line).lstrip().startswith("def "):
            return code.co_filename, line
    return code.co_filename, first


def _line(file: str, line: int) -> str:
    source = linecache.getline(file, line).strip()
    return words.place(file, line) + (f": {source}" if source else "")


class Performer:
    """A Python function in the place of a kernel function: what the engine calls."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.function = function

    def __call__(self, engine: Any, *words: int) -> Any:
        """Perform it. Every exception leaves the kernel frozen as it was when it was raised."""
        try:
            result = self.function(SeamKernel(engine), *words)
        except KernelPanic as panic:
            file, line = where(panic.__traceback__)
            if file:
                panic.add_note(f"in {self.name}, {_line(file, line)}")
            raise
        except RaisedElsewhere as error:
            raise self._frozen(engine, error.what, place=error.place) from error
        except Exception as error:
            file, line = where(error.__traceback__)
            file, line = (file, line) if file else returning(self.function)
            raise self._frozen(engine, f"{type(error).__name__}: {error}", file, line) from error
        except BaseException:  # Ctrl-C: not the function's mistake, but it has been left in the middle
            engine.freeze("seam: interrupted", self.name)
            raise
        try:
            engine.check_result(self.name, result)
        except (TypeError, ValueError) as error:
            place = getattr(self.function, "returns_at", "")
            raise self._frozen(engine, str(error), *returning(self.function), place=place) from error
        return result

    def _frozen(self, engine: Any, what: str, file: str = "", line: int = 0, place: str = "") -> SeamError:
        text = f"seam: {what}"
        engine.freeze(text, self.name)
        message = f"{self.name}, which is replaced: {what}"
        if place or file:
            message += f"\n  {place or _line(file, line)}"
        chain = engine.seam_chain
        if ">" in chain:
            message += f"\n  called as {chain}"
        return SeamError(message, text, self.name, engine.current_pid, file=file, line=line)
