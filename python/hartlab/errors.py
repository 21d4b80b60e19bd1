"""The exceptions of hartlab: panics of the kernel, mistakes of callers. What a guest does wrong is state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import words
from .toolchain.errors import CompileError, CompilerNotFoundError

if TYPE_CHECKING:
    from .table import Table

__all__ = [
    "AssemblerError",
    "CompileError",
    "CompilerNotFoundError",
    "DebugInfoError",
    "ElfError",
    "ExpectError",
    "Interrupted",
    "KernelPanic",
    "PageFault",
    "ProcessBusy",
    "ProcessGone",
    "SavedFileError",
    "SeamError",
    "SweepInterrupted",
    "WouldBlock",
]


class KernelPanic(RuntimeError):  # noqa: N818 - a name of the domain
    """The kernel called panic(): it is frozen, and can still be inspected, diffed and restored.

    Attributes
    ----------
    text : str
        As xv6 prints it: ``"remap"``, ``"kfree"``, ``"uvmunmap: not aligned"``.
    function : str
        The function that panicked.
    pid : int
        Of the process on whose behalf the kernel worked; 0 for none.
    address : int
        The argument that it complains of.
    """

    def __init__(
        self, message: str, text: str = "", function: str = "", pid: int = 0, address: int = 0
    ) -> None:
        super().__init__(message)
        self.text = text or message
        self.function = function
        self.pid = pid
        self.address = address


class SeamError(KernelPanic):
    """A function of the kernel that was replaced went wrong. The kernel is frozen as it was at that moment.

    The message names the function and the line of the one who wrote it; what Python raised there is the
    ``__cause__``.

    Attributes
    ----------
    file : str
        Of the source line; empty when it is not known.
    line : int
        Counted from 1; 0 when it is not known.
    """

    def __init__(
        self,
        message: str,
        text: str = "",
        function: str = "",
        pid: int = 0,
        address: int = 0,
        *,
        file: str = "",
        line: int = 0,
    ) -> None:
        super().__init__(message, text, function, pid, address)
        self.file = file
        self.line = line


class PageFault(RuntimeError):  # noqa: N818 - a name of the domain
    """An access that Python asked for would have killed the process. The process is alive and unchanged.

    Attributes
    ----------
    cause : int
        The exception code, as in scause: 13 for a load page fault.
    address : int
        The faulting virtual address, as in stval.
    access : str
        ``"fetch"``, ``"load"`` or ``"store"``.
    """

    def __init__(self, cause: int, address: int, access: str) -> None:
        super().__init__(cause, address, access)
        self.cause = cause
        self.address = address
        self.access = access

    def __str__(self) -> str:
        what = f"{words.cause(self.cause)} at {self.address:#x}"
        return f"{what}: this {self.access} would have killed the process"


class ElfError(ValueError):
    """A program is not an ELF file that the machine can load; the text says why."""


class DebugInfoError(ValueError):
    """A file does not say what was asked about its variables: it has no debug information, or damaged one."""


class SavedFileError(ValueError):
    """A file is not a kernel or machine that can be loaded; the text says why."""


class AssemblerError(ValueError):
    """A line is not RISC-V assembly; the text names the line, what is wrong and what would be right."""


class ProcessGone(LookupError):  # noqa: N818 - a name of the domain
    """The process of this handle has exited, or was never there in the state that was restored.

    Attributes
    ----------
    pid : int
        Its number.
    """

    def __init__(self, message: str, pid: int = 0) -> None:
        super().__init__(message)
        self.pid = pid


class ProcessBusy(RuntimeError):  # noqa: N818 - a name of the domain
    """The process is in the middle of a system call of its own, which must return before another can be made.

    Attributes
    ----------
    pid : int
        Its number.
    call : str
        The system call that it is in.
    """

    def __init__(self, message: str, pid: int = 0, call: str = "") -> None:
        super().__init__(message)
        self.pid = pid
        self.call = call


class WouldBlock(BlockingIOError):  # noqa: N818 - a name of the domain
    """A system call made from Python would have put the process to sleep, and was withdrawn.

    Attributes
    ----------
    pid : int
        The process.
    call : str
        The system call.
    characters_written : int
        Bytes that read or write had moved before it would have slept; they stay moved. 0 for other calls.
    """

    def __init__(self, message: str, pid: int = 0, call: str = "", done: int = 0) -> None:
        super().__init__(message)
        self.pid = pid
        self.call = call
        self.characters_written = done


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl-C ended `hartlab.sweep`; what had been done by then is kept.

    Attributes
    ----------
    table : Table
        A row for each point that was done.
    """

    def __init__(self, done: int, points: int, table: Table) -> None:
        super().__init__(
            f"{done} of {points} points are done, and are in the `table` of this exception (in a notebook, "
            "sys.last_value.table). With results=, that file has them, and the same call goes on there"
        )
        self.table = table


class Interrupted(RuntimeError):  # noqa: N818 - a name of the domain
    """stop() arrived in the middle of a call other than run(); what the call had done was undone."""


class ExpectError(RuntimeError):
    """The guest has not printed what `console.expect` waited for."""
