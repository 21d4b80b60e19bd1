"""A process of the kernel: a handle by pid."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from . import arguments, words
from .constants import PROC_STATES
from .driving import Driving
from .errors import ProcessGone
from .isa import disasm_at
from .page_table import PageTable
from .registers import X_NAMES, Registers
from .system_calls import NAMES
from .table import Table, as_table

if TYPE_CHECKING:
    from .kernel import Kernel

_USER_REGISTERS = 4  # words of the trapframe before those of x1, x2 ...


class Process(Driving):
    """A process, live: every attribute looks at the machine as it is now.

    The methods named after system calls make the call on the process's behalf. When the process has exited
    and its parent has waited for it, all but `pid`, `alive`, `exit_status` and `killed_by` raise ProcessGone.

    Attributes
    ----------
    pid : int
        Its number.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> proc = kernel.spawn(code=hl.asm("li a0, 3; li a7, 2; ecall"), name="three")
    >>> old = proc.sbrk(2 * hl.PGSIZE)
    >>> proc.sz - old
    8192
    >>> result = kernel.run()
    >>> proc.exit_status
    3
    """

    def __init__(self, kernel: Kernel, pid: int) -> None:
        self._kernel = kernel
        self.pid = pid
        self._born = kernel._fields(pid)["born"]

    @property
    def _now(self) -> dict[str, Any]:
        fields = self._kernel._engine.process_fields(self.pid)
        if fields is None or fields["born"] != self._born:
            ending = self._kernel._engine.exit_of(self.pid)
            reason = (
                f"it exited with status {ending[1]}" if ending else "it is not in this state of the kernel"
            )
            raise ProcessGone(f"there is no process with pid {self.pid}: {reason}", self.pid)
        return fields

    def _perform(self, method: str, *args: Any) -> Any:
        _ = self._now
        return self._kernel._perform(method, self.pid, *args)

    # -- what it is ------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether it is there and has not exited."""
        try:
            return bool(self._now["code"] != PROC_STATES.index("ZOMBIE"))
        except ProcessGone:
            return False

    @property
    def name(self) -> str:
        """The name of its program."""
        return str(self._now["name"])

    @property
    def state(self) -> str:
        """``"USED"``, ``"SLEEPING"``, ``"RUNNABLE"``, ``"RUNNING"`` or ``"ZOMBIE"``."""
        code = self._now["code"]
        return PROC_STATES[code] if 0 <= code < len(PROC_STATES) else f"state {code}"

    @property
    def slot(self) -> int:
        """Its index in proc[]."""
        return int(self._now["slot"])

    @property
    def sz(self) -> int:
        """The size of its memory in bytes, as sbrk moves it."""
        return int(self._now["sz"])

    @property
    def parent(self) -> Process | None:
        """Its parent; None for init."""
        pid = self._now["parent"]
        return self._kernel.process(pid) if pid > 0 else None

    @property
    def children(self) -> list[Process]:
        """Its children, zombies included, by pid."""
        table = self._kernel.processes()
        pids = sorted(int(pid) for pid in table[table["parent"] == self._now["pid"]]["pid"])
        return [self._kernel.process(pid) for pid in pids]

    @property
    def killed(self) -> bool:
        """Whether kill has marked it to die."""
        return bool(self._now["killed"])

    @property
    def chan(self) -> int:
        """The address that it sleeps on; 0 when it does not sleep."""
        return int(self._now["chan"])

    @property
    def waits_in(self) -> str:
        """The system call in which it sleeps; empty when it does not."""
        number = self._now["restart"]
        return NAMES.get(number, f"system call {number}") if number else ""

    @property
    def exit_status(self) -> int | None:
        """What it gave exit; -1 when it was killed; None while it lives."""
        ending = self._kernel._engine.exit_of(self.pid)
        if ending is not None:
            return int(ending[1])
        fields = self._now
        return int(fields["xstate"]) if fields["code"] == PROC_STATES.index("ZOMBIE") else None

    @property
    def killed_by(self) -> str | None:
        """The fault that killed it, in words; None when none did."""
        ending = self._kernel._engine.exit_of(self.pid)
        if ending is None or not ending[4]:
            return None
        _, _, _, _, _, scause, sepc, stval = ending
        where = self._kernel._programs.symbols(ending[2]).at(sepc)
        said = f"{words.cause(scause)}{words.trap_value(scause, stval)}"
        return f"{said}, pc {sepc:#x}{f' ({where})' if where else ''}"

    # -- its memory ------------------------------------------------------------------------------------------

    @property
    def page_table(self) -> PageTable:
        """Its page table."""
        name = self._now["name"]
        return PageTable(
            self._kernel._engine, lambda: int(self._now["pagetable"]), f"pid {self.pid} {name!r}"
        )

    def areas(self) -> Table:
        """List the areas of its address space.

        Returns
        -------
        Table
            A copy: start, end, length, pages present and absent, kind (text, data, guard, stack, heap ...),
            perms.
        """
        return self._kernel.areas(int(self._now["pid"]))

    def files(self) -> Table:
        """List its open files.

        Returns
        -------
        Table
            A copy, a row a descriptor.
        """
        return self._kernel.open_files(int(self._now["pid"]))

    def load(self, va: int, size: int = 8) -> bytes:
        """Load from its memory through the MMU, as an instruction of the process would.

        Parameters
        ----------
        va : int
            User virtual address.
        size : int
            Number of bytes.

        Returns
        -------
        bytes
            A copy. Pages granted and still absent are faulted in.

        Raises
        ------
        PageFault
            When the access would have killed the process, which it does not.
        """
        va, size = arguments.address("va", va), arguments.integer("size", size, 0, 1 << 32)
        return self._perform("user_load", va, size)  # type: ignore[no-any-return]

    def store(self, va: int, data: Any) -> None:
        """Store to its memory through the MMU, as an instruction of the process would.

        Parameters
        ----------
        va : int
            User virtual address.
        data : bytes-like
            What to store.

        Raises
        ------
        PageFault
            When the access would have killed the process, which it does not; bytes before the fault are
            stored.
        """
        va, raw = arguments.address("va", va), arguments.bytes_like("data", data)
        self._perform("user_store", va, raw)

    def load_int(self, va: int, size: int = 8) -> int:
        """Load a little-endian number.

        Parameters
        ----------
        va : int
            User virtual address.
        size : int
            Bytes: 1 to 8.

        Returns
        -------
        int
            Unsigned.

        Raises
        ------
        PageFault
            As for `load`.
        """
        return int.from_bytes(self.load(va, arguments.integer("size", size, 1, 8)), "little")

    def store_int(self, va: int, value: int, size: int = 8) -> None:
        """Store a little-endian number.

        Parameters
        ----------
        va : int
            User virtual address.
        value : int
            Must fit `size` bytes; a negative one is stored as two's complement.
        size : int
            Bytes: 1 to 8.

        Raises
        ------
        PageFault
            As for `store`.
        """
        size = arguments.integer("size", size, 1, 8)
        value = arguments.integer("value", value, -(1 << (8 * size - 1)), (1 << (8 * size)) - 1)
        self.store(va, (value % (1 << (8 * size))).to_bytes(size, "little"))

    # -- its registers ---------------------------------------------------------------------------------------

    @property
    def registers(self) -> Registers:
        """Its integer registers, live: on the hart while it runs, in its trapframe otherwise."""
        return Registers(X_NAMES, self._read_x, self._write_x, f"registers of pid {self._now['pid']}")

    @property
    def pc(self) -> int:
        """The user instruction that it executes next."""
        engine, now = self._kernel._engine, self._now
        if not now["current"]:
            return self._trapframe_word("epc")
        return int(engine.pc if engine.privilege == 0 else engine.read_csr(0x141) or 0)

    @property
    def trapframe(self) -> dict[str, int]:
        """The words of its trapframe page by xv6's names, a copy. While it runs, those of its last trap."""
        rows = self._kernel._engine.trapframe(self._now["pid"])
        if len(rows) == 0:
            return {}
        skipped = ("slot", "pid", "pa")
        return {name: int(rows[0][name]) for name in rows.dtype.names or () if name not in skipped}

    def _trapframe_word(self, name: str) -> int:
        return self.trapframe.get(name, 0)

    def _read_x(self) -> list[int]:
        if self._now["current"]:
            return list(self._kernel._engine.x())
        frame = self.trapframe
        return [0, *(frame.get(name, 0) for name in X_NAMES[1:])]

    def _write_x(self, index: int, value: int) -> None:
        now = self._now
        if index == 0:
            return
        self._kernel._changed()
        if now["current"]:
            self._kernel._engine.set_x(index, value)
        else:
            word = now["trapframe"] + 8 * (_USER_REGISTERS + index)
            self._kernel._engine.ram_write(word, value.to_bytes(8, "little"))

    def disassemble(self, count: int = 8, *, pc: int | None = None) -> Table:
        """Disassemble the instructions that it executes next.

        Parameters
        ----------
        count : int
            How many.
        pc : int, optional
            Where to begin; at its program counter by default.

        Returns
        -------
        Table
            pc, length, bits, text; no rows where nothing is mapped.
        """
        start = self.pc if pc is None else arguments.address("pc", pc)
        count = arguments.integer("count", count, 0, 100_000)
        return as_table(disasm_at(self.page_table.peek, start, 4 * count)[:count])

    # -- how it shows itself ---------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Process)
            and self._kernel is other._kernel
            and (self.pid, self._born) == (other.pid, other._born)
        )

    def __hash__(self) -> int:
        return hash((id(self._kernel), self.pid, self._born))

    def __repr__(self) -> str:
        if self._kernel.closed:
            return f"<Process {self.pid} of a closed kernel>"
        try:
            now = self._now
        except ProcessGone:
            ending = self._kernel._engine.exit_of(self.pid)
            return f"<Process {self.pid}: {f'exited with status {ending[1]}' if ending else 'gone'}>"
        waits = f" in {self.waits_in}" if now["restart"] else ""
        size, where = words.size(now["sz"]), self._kernel._programs.symbol_at(self.pid, self.pc)
        pc = f"pc {self.pc:#x}{f' ({where})' if where else ''}"
        return f"<Process {self.pid} {now['name']!r}: {self.state}{waits}, {size}, {pc}>"

    def _repr_html_(self) -> str:
        try:
            return f"<b>{escape(repr(self).strip('<>'))}</b>{self.areas()._repr_html_()}"
        except (ProcessGone, RuntimeError):
            return f"<b>{escape(repr(self).strip('<>'))}</b>"
