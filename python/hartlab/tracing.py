"""Turning the event trace on for a while."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from .table import Table, as_table


class Tracing:
    """What ``kernel.tracing()`` returns: events are recorded until `stop`, or until its `with` block ends.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> with kernel.tracing():
    ...     result = kernel.run()
    >>> "exec" in kernel.trace()["kind"]
    True
    """

    def __init__(self, engine: Any, capacity: int) -> None:
        self._engine = engine
        self._kept: Table | None = None
        engine.set_tracing(capacity)

    def table(self, since: int = 0) -> Table:
        """List the events.

        Parameters
        ----------
        since : int
            Only those with this sequence number or a later one.

        Returns
        -------
        Table
            A copy, oldest first; `dropped` of it says how many came before the first.
        """
        if self._kept is not None:
            return self._kept[self._kept["sequence"] >= since]  # type: ignore[no-any-return]
        events = as_table(self._engine.trace(since))
        events.dropped = self._engine.events_dropped
        return events

    @property
    def on(self) -> bool:
        """Whether events are still being recorded."""
        return self._kept is None

    def stop(self) -> None:
        """Record no more; what was recorded stays."""
        if self._kept is None:
            self._kept = self.table()
            if not self._engine.closed:
                self._engine.set_tracing(0)

    def __enter__(self) -> Tracing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Tracing: {'on' if self.on else 'off'}, {len(self.table()):,} events>"
