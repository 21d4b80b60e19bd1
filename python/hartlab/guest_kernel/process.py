"""A process of a guest kernel: a handle, that reads its slot of the process table anew for each question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..debug_info import Record
from ..debug_info import read as read_value
from ..errors import ProcessGone
from ..page_table import PageTable
from .processes import Slot

if TYPE_CHECKING:
    from .adapter import Xv6


class Xv6Process:
    """A process of a guest kernel, as its slot of the process table says now.

    Attributes
    ----------
    pid : int
        Its number.

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
    >>> process = hl.xv6(hl.Machine(kernel=kernel)).process(1)
    >>> process, process.struct["name"]
    (<Xv6Process 1 'init': RUNNING, 0x0 bytes>, b'init')
    """

    def __init__(self, kernel: Xv6, pid: int) -> None:
        self._kernel = kernel
        self.pid = pid

    def _slot(self) -> Slot:
        for slot in self._kernel._sight().slots:
            if slot.used and slot.pid == self.pid:
                return slot
        raise ProcessGone(f"there is no process with pid {self.pid}", self.pid)

    @property
    def name(self) -> str:
        """Its name."""
        return self._slot().name

    @property
    def state(self) -> str:
        """Its state, by the kernel's own enum."""
        return self._slot().state

    @property
    def parent(self) -> int:
        """The pid of its parent; 0 for none."""
        slot = self._slot()
        return next((each.pid for each in self._kernel._sight().slots if each.address == slot.parent), 0)

    @property
    def sz(self) -> int:
        """Bytes of its memory."""
        return self._slot().sz

    @property
    def struct(self) -> Record:
        """All of its ``struct proc``."""
        kind = self._kernel._anatomy.process
        assert kind is not None
        record: Record = read_value(self._kernel._sight().guest, self._slot().address, kind)
        return record

    @property
    def trapframe(self) -> Any:
        """Its trapframe, as a `Record`; None when there is none."""
        member = self._kernel._anatomy.fields.get("trapframe")
        pointer = None if member is None else self.struct[member.name]
        return pointer.read() if pointer else None

    @property
    def page_table(self) -> PageTable:
        """Its page table, live.

        Raises
        ------
        ValueError
            When it has none.
        """
        slot, sight = self._slot(), self._kernel._sight()
        if sight.root(slot.pagetable) is None:
            raise ValueError(f"pid {self.pid} has no page table: its field says {slot.pagetable:#x}")

        def root() -> int:
            now = self._kernel._sight()
            return now.root(self._slot().pagetable) or 0

        return PageTable(self._kernel._machine._engine, root, f"pid {self.pid} {slot.name!r}")

    def read(self, va: int, type: str, count: int | None = None) -> Any:
        """Read its memory as a type of the kernel.

        Parameters
        ----------
        va : int
            In its address space.
        type : str
            As C writes it.
        count : int, optional
            As many, as an array.

        Returns
        -------
        value
            As ``machine.symbols`` gives it.
        """
        return self._kernel._machine.symbols.read(va, type, count, page_table=self.page_table)

    def __repr__(self) -> str:
        slot = self._slot()
        on = f" on hart {slot.hart}" if slot.hart >= 0 else ""
        return f"<Xv6Process {self.pid} {slot.name!r}: {slot.state}{on}, {slot.sz:#x} bytes>"
