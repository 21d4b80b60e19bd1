"""System calls made from Python, as though the process had made them itself.

Each takes place at the process's next user instruction: the argument registers are used and put back, and
what the call returns is returned here, -1 as -1. A call that would put the process to sleep is withdrawn and
raises WouldBlock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from . import arguments
from .errors import ProcessGone, WouldBlock
from .programs import argv
from .system_calls import NAMES, NUMBERS

if TYPE_CHECKING:
    from .kernel import Kernel
    from .process import Process
    from .toolchain.program import Program

_T = TypeVar("_T")
_INT = (-(1 << 31), (1 << 31) - 1)
_LONG = (-(1 << 63), (1 << 64) - 1)


class Driving:
    """The system calls of a Process. Not for use by itself."""

    _kernel: Kernel
    pid: int
    # Calls a method of the engine for this process, which raises ProcessGone unless it is there.
    _perform: Callable[..., Any]

    def syscall(self, call: int | str, *args: int) -> int:
        """Make any system call.

        Parameters
        ----------
        call : int or str
            Its number, or xv6's name for it.
        *args : int
            At most six, for a0 to a5; negative ones as two's complement.

        Returns
        -------
        int
            What the call leaves in a0, signed.

        Raises
        ------
        WouldBlock
            When the process would have to wait; the call is withdrawn.
        ProcessGone
            When the process has exited, or is killed on its way into the call.
        ProcessBusy
            When it is in the middle of a system call of its own.
        """
        if isinstance(call, str):
            number = NUMBERS[arguments.choice("call", call, NUMBERS)]
        else:
            number = arguments.integer("call", call, 0, _LONG[1])
        if len(args) > 6:
            raise ValueError(f"{len(args)} arguments were given; a system call has at most 6")
        values = [arguments.integer(f"args[{i}]", value, *_LONG) % (1 << 64) for i, value in enumerate(args)]
        outcome = self._perform("drive", number, values + [0] * (6 - len(values)))
        return self._finish(NAMES.get(number, f"system call {number}"), outcome)

    def _finish(self, name: str, outcome: tuple[str, int]) -> int:
        end, result = outcome
        if end == "blocked":
            moved = f" after {result:,} bytes" if result else ""
            message = f"{name} would put pid {self.pid} to sleep{moved}, so it was withdrawn"
            raise WouldBlock(message, self.pid, name, result)
        if end == "gone" and name != "exit":
            raise ProcessGone(f"pid {self.pid} was killed on its way through {name}", self.pid)
        return result

    # -- processes -------------------------------------------------------------------------------------------

    def fork(self) -> Process | int:
        """Fork: the child goes on where this process would, with 0 in a0.

        Returns
        -------
        Process or int
            The child; -1 when there is no memory or no slot for it, and nothing has changed then.
        """
        pid = self.syscall("fork")
        return self._kernel.process(pid) if pid > 0 else pid

    def exec(self, what: Program | bytes | str | Any, args: Sequence[str] | None = None) -> int:
        """Replace the program of this process.

        Parameters
        ----------
        what : str, Program, bytes or pathlib.Path
            A path among ``kernel.files``, as the call itself takes it; anything else is registered there
            first.
        args : sequence of str, optional
            argv; by default the program's name alone.

        Returns
        -------
        int
            argc; -1 when it cannot be loaded: the old program goes on then, and ``kernel.why`` says why.
        """
        kernel = self._kernel
        path = what if isinstance(what, str) else kernel._programs.register(what)
        given = argv(args, path)
        return self._finish("exec", self._perform("drive_exec", path, given))

    def wait(self, status_va: int = 0) -> int:
        """Wait for a child that has exited.

        Parameters
        ----------
        status_va : int
            Where in the process's memory its status goes, 4 bytes; 0 for nowhere. The child's handle has the
            status too, as `exit_status`.

        Returns
        -------
        int
            The child's pid; -1 when there are no children.

        Raises
        ------
        WouldBlock
            When there are children and none has exited yet.
        """
        return self.syscall("wait", arguments.address("status_va", status_va))

    def exit(self, status: int = 0) -> None:
        """Exit: the process becomes a zombie until its parent waits for it.

        Parameters
        ----------
        status : int
            What wait gives the parent.
        """
        self.syscall("exit", arguments.integer("status", status, *_INT))

    def kill(self, pid: int | None = None) -> int:
        """Mark a process to die.

        Parameters
        ----------
        pid : int, optional
            Whom; by default this process itself, which is then dead when the call returns.

        Returns
        -------
        int
            0; -1 when there is no such process.
        """
        target = self.pid if pid is None else arguments.integer("pid", pid, *_INT)
        try:
            return self.syscall("kill", target)
        except ProcessGone:
            if target == self.pid and self._kernel._engine.exit_of(self.pid) is not None:
                return 0
            raise

    def getpid(self) -> int:
        """Ask for the process's own number.

        Returns
        -------
        int
            The same as `pid`.
        """
        return self.syscall("getpid")

    def sleep(self, ticks: int) -> int:
        """Sleep.

        Parameters
        ----------
        ticks : int
            How long; 0 returns at once.

        Returns
        -------
        int
            0.

        Raises
        ------
        WouldBlock
            For any positive number: time passes only while the kernel runs.
        """
        return self.syscall("sleep", arguments.integer("ticks", ticks, *_INT))

    def uptime(self) -> int:
        """Ask how long the kernel has been up.

        Returns
        -------
        int
            Ticks since boot.
        """
        return self.syscall("uptime")

    # -- memory ----------------------------------------------------------------------------------------------

    def sbrk(self, n: int, how: int = 1) -> int:
        """Move the end of the process's memory.

        Parameters
        ----------
        n : int
            Bytes to grow by, an int of C (32 bits); negative shrinks.
        how : int
            SBRK_EAGER (pages at once) or SBRK_LAZY (pages when touched), unless the kernel's policy decides.

        Returns
        -------
        int
            The old size; -1 on failure, and nothing has changed then.
        """
        n, how = arguments.integer("n", n, *_INT), arguments.integer("how", how, *_LONG)
        return self.syscall("sbrk", n, how)

    def myalloc(self, n: int) -> int:
        """Make an area: memory beyond the process's size, at a place that the kernel chooses.

        Parameters
        ----------
        n : int
            Bytes, rounded up to whole pages. Their frames are taken and zeroed at once.

        Returns
        -------
        int
            Its first address; -1 on failure, and nothing has changed then.

        Examples
        --------
        >>> import hartlab as hl
        >>> proc = hl.Kernel(memory="4MiB").spawn(code=hl.asm("here: j here"))
        >>> first, second = proc.myalloc(2 * hl.PGSIZE), proc.myalloc(1)
        >>> hex(first), hex(second), proc.myfree(first), proc.myfree(first)
        ('0x3000', '0x5000', 0, -1)
        """
        return self.syscall("myalloc", arguments.integer("n", n, *_LONG))

    def myfree(self, start: int) -> int:
        """Give an area back: its pages are unmapped and their frames freed.

        Parameters
        ----------
        start : int
            Where it begins, as myalloc returned it.

        Returns
        -------
        int
            0; -1 when no area begins there, and nothing has changed then.
        """
        return self.syscall("myfree", arguments.integer("start", start, *_LONG))

    # -- files -----------------------------------------------------------------------------------------------

    def open(self, path: str, flags: int = 0) -> int:
        """Open a file.

        Parameters
        ----------
        path : str
            Among ``kernel.files``.
        flags : int
            xv6's: 0 is O_RDONLY.

        Returns
        -------
        int
            The lowest free descriptor; -1 on failure.
        """
        raw = path.encode() + b"\0"
        return self._with_buffer(len(raw), raw, lambda va: self.syscall("open", va, flags))

    def read(self, fd: int, size: int, va: int | None = None) -> bytes | int:
        """Read from a descriptor.

        Parameters
        ----------
        fd : int
            The descriptor.
        size : int
            Bytes at most.
        va : int, optional
            A buffer in the process's memory, which keeps what was read. By default unused stack is borrowed.

        Returns
        -------
        bytes or int
            What was read, empty at the end; -1 on failure.
        """
        size = arguments.integer("size", size, 0, _INT[1])

        def call(buffer: int) -> bytes | int:
            count = self.syscall("read", fd, buffer, size)
            return count if count < 0 else self._perform("user_load", buffer, count)

        return call(va) if va is not None else self._with_buffer(size, None, call)

    def write(self, fd: int, data: Any) -> int:
        """Write to a descriptor.

        Parameters
        ----------
        fd : int
            The descriptor; 1 is the console.
        data : bytes-like
            What to write. It passes through unused stack of the process, which is put back.

        Returns
        -------
        int
            Bytes written; -1 on failure.
        """
        raw = arguments.bytes_like("data", data)
        return self._with_buffer(len(raw), raw, lambda va: self.syscall("write", fd, va, len(raw)))

    def close(self, fd: int) -> int:
        """Close a descriptor.

        Parameters
        ----------
        fd : int
            The descriptor.

        Returns
        -------
        int
            0; -1 when it is not open.
        """
        return self.syscall("close", arguments.integer("fd", fd, *_INT))

    def dup(self, fd: int) -> int:
        """Make another descriptor for the same open file.

        Parameters
        ----------
        fd : int
            The descriptor.

        Returns
        -------
        int
            The lowest free descriptor; -1 on failure.
        """
        return self.syscall("dup", arguments.integer("fd", fd, *_INT))

    def pipe(self) -> tuple[int, int] | int:
        """Make a pipe.

        Returns
        -------
        (int, int) or int
            The descriptor to read from and the one to write to; -1 on failure.
        """

        def call(va: int) -> tuple[int, int] | int:
            result = self.syscall("pipe", va)
            if result < 0:
                return result
            raw = self._perform("user_load", va, 8)
            return int.from_bytes(raw[:4], "little"), int.from_bytes(raw[4:], "little")

        return self._with_buffer(8, None, call)

    def fstat(self, fd: int) -> dict[str, int] | int:
        """Describe an open file.

        Parameters
        ----------
        fd : int
            The descriptor.

        Returns
        -------
        dict or int
            xv6's struct stat: dev, ino, type, nlink, size; -1 on failure.
        """
        fd = arguments.integer("fd", fd, *_INT)

        def call(va: int) -> dict[str, int] | int:
            result = self.syscall("fstat", fd, va)
            if result < 0:
                return result
            raw = self._perform("user_load", va, 24)
            places = {"dev": (0, 4), "ino": (4, 4), "type": (8, 2), "nlink": (10, 2), "size": (16, 8)}
            return {k: int.from_bytes(raw[at : at + n], "little") for k, (at, n) in places.items()}

        return self._with_buffer(24, None, call)

    def _with_buffer(self, size: int, data: bytes | None, call: Callable[[int], _T]) -> _T:
        """Lend a system call a buffer below the stack pointer, where nothing lives; put the bytes back."""
        engine = self._kernel._engine
        process = self._kernel.process(self.pid)
        va = (process.registers["sp"] - size) & ~15 & ((1 << 64) - 1)
        if size and process.page_table.peek(va, size) is None:
            raise ValueError(
                f"there is no room for {size} bytes below the stack pointer; pass a smaller size"
            )
        before = self._perform("user_load", va, size) if size else b""
        if data:
            self._perform("user_store", va, data)
        try:
            return call(va)
        finally:
            if size and engine.exit_of(self.pid) is None and not engine.panicked():
                self._perform("user_store", va, before)
