"""`hartlab.xv6`: a machine that runs an xv6-like kernel, with the tables of the kernel model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments
from ..page_table import PageTable
from ..showing import listing
from ..table import Table, as_table
from . import free_list, processes
from .anatomy import Anatomy, examine
from .audit import audit
from .census import Census, CensusTaker
from .process import Xv6Process
from .sight import Sight

if TYPE_CHECKING:
    from ..machine import Machine


class Xv6:
    """A guest kernel in the manner of xv6, seen as the kernel model is. `hartlab.xv6` makes one.

    Everything is read when it is asked for, by the names and types of the kernel's own source, and nothing of
    the machine changes. `found` says what was recognised and as what; what was not found is left out of the
    tables, and `missing` says so.

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
    >>> guest = hl.xv6(hl.Machine(kernel=kernel))
    >>> guest.found[["part", "found"]][:2]
    part                found
    process table       proc
    struct proc: state  state
    >>> guest.ticks
    7
    """

    def __init__(self, machine: Machine, phystop: int | None = None) -> None:
        self._machine = machine
        self._phystop = phystop
        self._anatomy: Anatomy = examine(machine.symbols)

    def _sight(self) -> Sight:
        return Sight(self._machine, self._anatomy, self._phystop)

    def _census(self) -> Census:
        return CensusTaker(self._sight()).take()

    # -- what was recognised ---------------------------------------------------------------------------------

    @property
    def found(self) -> Table:
        """What was looked for: part, found (as what), tried (names), otherwise (what is left out without)."""
        return self._anatomy.table()

    @property
    def missing(self) -> list[str]:
        """What was not found: which names were tried for it, and what cannot be said without."""
        return [str(part) for part in self._anatomy.missing]

    # -- the tables of the kernel model ----------------------------------------------------------------------

    def processes(self, *, unused: bool = False) -> Table:
        """List the process table.

        Parameters
        ----------
        unused : bool
            Whether to list free slots too.

        Returns
        -------
        Table
            A copy, a row a process, with the columns of `Kernel.processes` that a guest has: pid, slot, name,
            state, parent, sz, pages present, tables and more; waits_for (the variable that it sleeps on),
            hart (that executes it, -1 for none) and address (of its struct) besides.
        """
        taker = CensusTaker(self._sight())
        slots = [each for each in taker.sight.slots if unused or each.used]
        pages = taker.take().pages
        return processes.table(slots, lambda slot: pages.get(slot.slot, (0, 0)), taker.sight.guest.name_at)

    def process(self, pid: int) -> Xv6Process:
        """Give a process.

        Parameters
        ----------
        pid : int
            Its number.

        Returns
        -------
        Xv6Process
            A handle: page_table, trapframe, struct.

        Raises
        ------
        ProcessGone
            When there is no such process.
        """
        process = Xv6Process(self, arguments.integer("pid", pid, 0))
        process._slot()
        return process

    def frames(self) -> Table:
        """Say who owns each page frame of RAM.

        Returns
        -------
        Table
            A copy, a row a frame, with the columns of `Kernel.frames`. Owners: free, page_table, user,
            trapframe, kernel_stack, pipe, buffer (something of the kernel points to it: `holders`),
            kernel_image, lost, and unmanaged for what the allocator does not have.
        """
        return as_table(self._census().frames)

    def holders(self) -> Table:
        """Say through what each frame is held that only a pointer leads to.

        Returns
        -------
        Table
            A copy: pa, and through: a variable, a kernel stack, a hart's registers, or a page that is held.
        """
        holders = self._census().holders
        base = self._machine.memory.base
        rows = [
            (base + frame * 4096, text) for frame, text in zip(holders.frames, holders.through, strict=True)
        ]
        wide = max((len(text) for _, text in rows), default=1)
        return as_table(np.array(rows, dtype=[("pa", "<u8"), ("through", f"<U{wide}")]))

    def free_list(self) -> Table:
        """List the free pages in the order in which kalloc would hand them out.

        Returns
        -------
        Table
            A copy: index, pa, next. When the list is broken, the last row is the bad pointer and says why. Of
            an allocator with several lists, one behind the other.
        """
        return free_list.table(self._sight().free_lists())

    def audit(self, *, junk: bool = True, limit: int = 1000) -> Table:
        """Check what must hold of the kernel's memory at any moment.

        Every frame between the kernel's end and PHYSTOP is exactly one of: free, a page of a page table, a
        user page, a trapframe, a kernel stack, a pipe, or in the hands of the kernel.

        Parameters
        ----------
        junk : bool
            Whether to check that free pages are as kfree left them, if it fills pages with 1.
        limit : int
            Rows at most.

        Returns
        -------
        Table
            A copy, a row a violation, with the columns of `Kernel.audit`: kind, severity ("error", or "note"
            for what is only worth knowing), addresses and a message. No rows: all is well.
        """
        taker = CensusTaker(self._sight())
        return audit(taker.sight, taker.take(), bool(junk), arguments.integer("limit", limit, 1))

    @property
    def page_table(self) -> PageTable:
        """The kernel's own page table.

        Raises
        ------
        ValueError
            When it was not found, or does not exist yet.
        """
        if self._sight().kernel_root is None:
            raise ValueError("the kernel has no page table yet, or it was not found: see found")
        return PageTable(
            self._machine._engine, lambda: self._sight().kernel_root or 0, "the guest kernel", user=False
        )

    @property
    def free_pages(self) -> int:
        """How many pages are free."""
        return sum(len(each.frames) for each in self._sight().free_lists())

    @property
    def ticks(self) -> int | None:
        """The kernel's count of timer interrupts; None when it was not found."""
        reference = self._anatomy.ticks
        return None if reference is None else int(reference.read(self._sight().guest))

    @property
    def cpus(self) -> Any:
        """The state of each hart, as the kernel has it: an array of its own struct; None when not found."""
        reference = self._anatomy.cpus
        return None if reference is None else reference.read(self._sight().guest)

    @property
    def phystop(self) -> int:
        """Where the memory ends that the kernel manages: the end of what its page table maps of RAM."""
        return self._sight().managed[1]

    def __repr__(self) -> str:
        sight = self._sight()
        used = [each for each in sight.slots if each.used]
        lines = [f"<Xv6: {len(used)} processes, {self.free_pages:,} pages free>"]
        for each in used[:16]:
            on = f" on hart {each.hart}" if each.hart >= 0 else ""
            lines.append(f"  {each.pid:>4}  {each.name:<16} {each.state}{on}")
        if len(used) > 16:
            lines.append(f"  ... and {len(used) - 16} more")
        lines += (f"  not found: {part.what}" for part in self._anatomy.missing)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return listing(repr(self))


def xv6(machine: Machine, *, phystop: int | None = None) -> Xv6:
    """Look at a machine that runs xv6, or a kernel of that family, as at the kernel model.

    Process table, free list, page tables, ticks and per-hart state are found by the names of their symbols
    and of the fields of ``struct proc``, in any such tree: students may add fields, lists and page tables of
    their own. It needs the kernel's ELF file with debug information.

    Parameters
    ----------
    machine : Machine
        With ``kernel=`` an ELF file that was compiled with ``-g``.
    phystop : int, optional
        Where the memory ends that the kernel manages. By default where its page table stops mapping RAM.

    Returns
    -------
    Xv6
        With `processes`, `frames`, `free_list`, `audit` and more; `missing` says what could not be found.

    Raises
    ------
    DebugInfoError
        When the kernel has no debug information.

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
    >>> guest = hl.xv6(hl.Machine(kernel=kernel))
    >>> guest.processes()[["pid", "name", "state"]]
    pid  name  state
      1  init  RUNNING
    >>> print(guest.missing[-1])
    open files: looked for ftable.file, ...; without it pipes are no owners: ...
    """
    from ..machine import Machine as Board

    arguments.instance("machine", machine, Board, "a Machine with kernel=")
    stop = None if phystop is None else arguments.address("phystop", phystop)
    return Xv6(machine, stop)
