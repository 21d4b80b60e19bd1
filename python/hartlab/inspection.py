"""The tables that a live kernel and a snapshot of one both give."""

from __future__ import annotations

from typing import Any

from . import arguments
from .errors import ProcessGone
from .page_table import PageTable
from .table import Table, as_table


class KernelTables:
    """The kernel's state as tables. A base of Kernel and Snapshot."""

    _source: Any  # the engine, or what it saved

    def _fields(self, pid: int) -> dict[str, Any]:
        fields: dict[str, Any] | None = self._source.process_fields(
            arguments.integer("pid", pid, 0, (1 << 31) - 1)
        )
        if fields is None:
            raise ProcessGone(f"there is no process with pid {pid}", pid)
        return fields

    def processes(self, *, unused: bool = False) -> Table:
        """List proc[].

        Parameters
        ----------
        unused : bool
            Whether to list free slots too.

        Returns
        -------
        Table
            A copy, a row a process: slot, pid, parent, state, name, sz, pages present, and more.
        """
        return as_table(self._source.processes(bool(unused)))

    def exits(self) -> Table:
        """List how processes ended, those whose slots have been freed included.

        Returns
        -------
        Table
            A copy, the oldest first: pid, parent, name, status, time, and the fault that killed it. The
            newest 4096 are remembered.
        """
        return as_table(self._source.exits())

    def frames(self) -> Table:
        """Say who owns each page frame of RAM.

        The owners are found by a walk over the machine: proc[], page tables, free list and file table. The
        memory of C code in the kernel is no part of RAM: `Kernel.c_region` lists it.

        Returns
        -------
        Table
            A copy, a row a frame in the order of addresses: pa, va, mappings, owner, pid, reference_count,
            and more.
        """
        return as_table(self._source.frames())

    def free_list(self) -> Table:
        """List the free pages in the order in which kalloc would hand them out.

        Returns
        -------
        Table
            A copy: index, pa, next. When the list is broken, the last row is the bad pointer and says why.
        """
        return as_table(self._source.free_list())

    def areas(self, pid: int) -> Table:
        """List the areas of a process's address space.

        Parameters
        ----------
        pid : int
            The process.

        Returns
        -------
        Table
            A copy: start, end, length, pages present and absent, kind (text, data, guard, stack, heap, vma
            for what myalloc made ...), perms.

        Raises
        ------
        ProcessGone
            When there is no such process.
        """
        self._fields(pid)
        return as_table(self._source.areas(pid))

    def open_files(self, pid: int = 0) -> Table:
        """List open files.

        Parameters
        ----------
        pid : int
            Of this process; 0 for all.

        Returns
        -------
        Table
            A copy: pid, fd, type, ref, offset, and more.
        """
        return as_table(self._source.open_files(arguments.integer("pid", pid, 0)))

    def pipes(self) -> Table:
        """List the pipes.

        Returns
        -------
        Table
            A copy: pa, bytes in it, readers, writers, and more.
        """
        return as_table(self._source.pipes())

    def contexts(self) -> Table:
        """List the saved contexts of the processes, as swtch would load them.

        Returns
        -------
        Table
            A copy: slot, pid, ra, sp, s0 to s11.
        """
        return as_table(self._source.contexts())

    def audit(self, *, junk: bool = True, tlb: bool = True, limit: int = 1000) -> Table:
        """Check all that must hold of the kernel's memory between two system calls.

        Parameters
        ----------
        junk : bool
            Whether to check that free pages are as kfree left them.
        tlb : bool
            Whether to hold the TLB against the page tables.
        limit : int
            Rows at most.

        Returns
        -------
        Table
            A copy, a row a violation: kind, severity ("error", or "note" for what is only worth knowing),
            addresses and a message. No rows: all is well.
        """
        return as_table(self._source.audit(bool(junk), bool(tlb), arguments.integer("limit", limit, 1)))

    @property
    def page_table(self) -> PageTable:
        """The kernel's own page table."""
        return PageTable(self._source, lambda: int(self._source.kernel_pagetable), "the kernel", user=False)

    @property
    def free_pages(self) -> int:
        """How many pages kalloc still has, as the allocator counts them."""
        return int(self._source.free_pages)

    @property
    def ticks(self) -> int:
        """Timer interrupts since boot; xv6's ticks."""
        return int(self._source.ticks)
