"""The traps that a machine takes, recorded. A part of Machine."""

from __future__ import annotations

from .. import arguments
from ..stepping import Stepping
from ..table import Table, as_table
from ..tracing import Tracing


class TrapTracing(Stepping):
    """The base of Machine that records traps. Off by default, and free when off."""

    _tracing: Tracing | None

    def tracing(self, capacity: int = 65_536) -> Tracing:
        """Record every trap from now on: exceptions and interrupts, on every hart.

        Parameters
        ----------
        capacity : int
            How many of the newest to keep.

        Returns
        -------
        Tracing
            Recording ends with its `stop` or with its `with` block; `trace` lists the traps. It begins again
            when an earlier state is restored.
        """
        self._tracing = Tracing(self._engine, arguments.integer("capacity", capacity, 1, 1 << 24))
        return self._tracing

    def trace(self) -> Table:
        """List the traps that were recorded.

        Returns
        -------
        Table
            A copy, oldest first: time (ticks), hart, from and to (modes), what (the cause in words), cause,
            tval, epc, satp, and a0 to a7, which for an ecall are its arguments and its number. `dropped` of
            it says how many older ones are no longer there. No rows when nothing was recorded.
        """
        return self._tracing.table() if self._tracing else as_table(self._engine.trace(0))
