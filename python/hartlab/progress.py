"""A line on stderr that says how far a long piece of work is."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_DELAY = 1.0  # seconds before anything is shown: what is quick needs no progress
_INTERVAL = 0.1


class Progress:
    """Counts up on one line of a terminal; silent where stderr is none."""

    def __init__(self, what: str, total: int | None = None, on: bool = True) -> None:
        self._what = what
        self._total = total
        self._on = on and sys.stderr.isatty()
        self._next = time.monotonic() + _DELAY
        self._shown = False

    def to(self, count: int) -> None:
        """Say that `count` are done."""
        if not self._on or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _INTERVAL
        self._shown = True
        total = f" of {self._total:,} ({100 * count // max(self._total, 1)}%)" if self._total else ""
        print(f"\r{count:,}{total} {self._what}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
