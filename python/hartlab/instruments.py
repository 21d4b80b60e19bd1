"""What happened, and what is made to happen: events, provenance, allocations that fail. A part of Kernel."""

from __future__ import annotations

from typing import Any

from . import arguments
from .stepping import MOST, Stepping
from .table import Table, as_table
from .tracing import Tracing


class Instruments(Stepping):
    """The base of Kernel that records events and makes allocations fail. All of it is off by default."""

    _engine: Any
    _tracing: Tracing | None

    def tracing(self, capacity: int = 65_536) -> Tracing:
        """Record events from now on: system calls, faults, kalloc, kfree, PTE writes, switches, TLB fills.

        Parameters
        ----------
        capacity : int
            How many of the newest events to keep.

        Returns
        -------
        Tracing
            Recording ends with its `stop` or with its `with` block; `trace` lists the events.
        """
        self._tracing = Tracing(self._engine, arguments.integer("capacity", capacity, 1, 1 << 26))
        return self._tracing

    def trace(self) -> Table:
        """List the events that were recorded.

        Returns
        -------
        Table
            A copy, oldest first: sequence, time, kind, what, pid, addresses, arguments and result. `dropped`
            of it says how many older events the ring has lost. No rows when nothing was recorded.
        """
        return self._tracing.table() if self._tracing else as_table(self._engine.trace(0))

    def inject(self, *, fail_kalloc: int) -> None:
        """Make an allocation fail, once.

        Parameters
        ----------
        fail_kalloc : int
            Which, counted from now: 1 is the next kalloc. 0 takes it back.
        """
        number = arguments.integer("fail_kalloc", fail_kalloc, 0, MOST)
        self._changed()
        self._engine.kalloc_failure_in = number

    def provenance(self, on: bool | None = None) -> Table:
        """Say which call allocated, mapped and freed each frame last, and when.

        Parameters
        ----------
        on : bool, optional
            Turn the record on or off first. It is off by default, and begins empty.

        Returns
        -------
        Table
            A copy, a row for each frame that anything has happened to since.
        """
        if on is not None:
            self._engine.provenance = bool(on)
        return as_table(self._engine.provenance_table())
