"""The state of a kernel or a machine as a value."""

from __future__ import annotations

import os
from typing import Any

from . import _engine, words
from .inspection import KernelTables
from .page_table import PageTable
from .saving.origin import Origin
from .table import Table, as_table


class MachineSnapshot:
    """All of a machine's state at one moment; it never changes. `restore` brings it back.

    Examples
    --------
    >>> import hartlab as hl
    >>> machine = hl.Machine(memory="1MiB", code=hl.asm("li a0, 7"))
    >>> before = machine.snapshot()
    >>> _ = machine.step()
    >>> machine.restore(before)
    >>> machine.hart.x.a0
    0
    """

    def __init__(self, saved: _engine.Saved, label: str = "", origin: Origin | None = None) -> None:
        self._saved: Any = saved
        self._origin = origin
        self.label = label

    @property
    def instructions(self) -> int:
        """Instructions retired when it was taken."""
        return int(self._saved.retired)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to a file, from which `hartlab.load` makes a kernel or machine in this state.

        The file is compressed, and the same on every host; of memory it has what is neither zero nor junk.
        Of replaced functions it has the names, and what the variables of C code hold.

        Parameters
        ----------
        path : path
            Where to; a file that is there is replaced, once the new one is whole.

        Raises
        ------
        ValueError
            When it is a state from an explorer, which is of no kernel of its own.
        """
        if self._origin is None:
            raise ValueError(
                "a state that an explorer has found cannot be saved: restore a kernel to it, and save that"
            )
        self._origin.save(self._saved, path)

    def read(self, pa: int, size: int) -> bytes:
        """Copy bytes out of its RAM.

        Parameters
        ----------
        pa : int
            Physical address.
        size : int
            Number of bytes.

        Returns
        -------
        bytes
            A copy.

        Raises
        ------
        IndexError
            When not all of them are in RAM.
        """
        data: bytes = self._saved.ram_read(pa, size)
        return data

    def registers(self) -> Table:
        """List the hart's registers.

        Returns
        -------
        Table
            A copy: name, kind, number, value.
        """
        return as_table(self._saved.register_table())

    def tlb(self) -> Table:
        """List the TLB's entries.

        Returns
        -------
        Table
            A copy.
        """
        return as_table(getattr(self._saved, "kernel_tlb", self._saved.tlb_table)())

    def __repr__(self) -> str:
        label = f" {self.label!r}" if self.label else ""
        ram = words.size(self._saved.ram_size)
        when = words.plural(self.instructions, "instruction")
        return f"<{type(self).__name__}{label}: {ram} of RAM after {when}>"


class Snapshot(KernelTables, MachineSnapshot):
    """All of a kernel's state at one moment; it never changes. `Kernel.restore` brings it back.

    It can be looked at as the kernel itself can: processes, frames, page tables, free list, audit.

    Examples
    --------
    >>> import hartlab as hl
    >>> snapshot = hl.Kernel().snapshot()
    >>> snapshot.processes()["pid"].tolist()
    [1]
    """

    def __init__(self, saved: _engine.SavedKernel, label: str = "", origin: Origin | None = None) -> None:
        MachineSnapshot.__init__(self, saved, label, origin)
        self._source = saved

    def page_table_of(self, pid: int) -> PageTable:
        """Give the page table of a process.

        Parameters
        ----------
        pid : int
            Its number.

        Returns
        -------
        PageTable
            As it was.

        Raises
        ------
        ProcessGone
            When there was no such process.
        """
        fields = self._fields(pid)
        return PageTable(self._saved, lambda: int(fields["pagetable"]), f"pid {pid} {fields['name']!r}")
