"""Stepping backwards: checkpoints of what has run, and re-execution from the nearest one.

Runs are exact, so a state in the past is the checkpoint before it plus a number of instructions. What Python
changes (a system call made for a process, a store, a restore) is not re-executed: it ends one stretch of
history, and the next run begins another. Going back over such a change leads into the stretch before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SPACING = 20_000_000  # instructions between checkpoints of one stretch, at least
_SPACING_PER_PAGE = 40_000  # and more of them where each would copy many pages
_MOST = 256  # checkpoints in all: the oldest stretches are forgotten first ...
_MOST_PAGES = 16_384  # ... and pages of RAM that they keep, 64 MiB


@dataclass
class _Checkpoint:
    retired: int
    state: Any
    kalloc_failure_in: int
    pages: int  # that it does not share with the checkpoint before it


@dataclass
class _Stretch:
    checkpoints: list[_Checkpoint] = field(default_factory=list)
    end: int | None = None  # instructions retired when Python changed something; None while it goes on

    @property
    def start(self) -> int:
        return self.checkpoints[0].retired


class History:
    """The checkpoints of one kernel or machine."""

    def __init__(self, engine: Any, replay: Callable[[int], None]) -> None:
        self._engine = engine
        self._replay = replay  # executes exactly so many instructions
        self._stretches: list[_Stretch] = []
        self._last: _Checkpoint | None = None

    def changed(self) -> None:
        """Python is about to change the state: what has run until now is a stretch of its own."""
        if self._stretches and self._stretches[-1].end is None:
            self._stretches[-1].end = self._engine.retired

    def before_run(self) -> None:
        """A run is about to begin or to go on: keep a checkpoint if the last one is far away."""
        retired = self._engine.retired
        if not self._stretches or self._stretches[-1].end is not None:
            self._stretches.append(_Stretch())
        last = self._stretches[-1]
        spacing = max(SPACING, _SPACING_PER_PAGE * self._engine.pages_written)
        if not last.checkpoints or retired - last.checkpoints[-1].retired >= spacing:
            last.checkpoints.append(self._checkpoint(retired))
            self._thin()

    def forget(self) -> None:
        """What has run cannot be executed again as it was: something else performs a part of it now."""
        self._stretches.clear()
        self._last = None

    def length(self) -> int:
        """How many instructions back() can go."""
        return sum(self._span(stretch) for stretch in self._stretches)

    def back(self, count: int) -> None:
        """Make the state what it was `count` instructions ago."""
        remaining = count
        for number in reversed(range(len(self._stretches))):
            stretch = self._stretches[number]
            span = self._span(stretch)
            if remaining <= span:
                self._go(number, stretch.start + span - remaining)
                return
            remaining -= span
        raise ValueError(
            f"n={count} is further than the history goes: {self.length():,} instructions are on record"
        )

    def _span(self, stretch: _Stretch) -> int:
        end: int = self._engine.retired if stretch.end is None else stretch.end
        return end - stretch.start

    def _go(self, number: int, target: int) -> None:
        stretch = self._stretches[number]
        kept = [c for c in stretch.checkpoints if c.retired <= target]
        self._engine.restore(kept[-1].state)
        if hasattr(self._engine, "kalloc_failure_in"):
            self._engine.kalloc_failure_in = kept[-1].kalloc_failure_in
        del self._stretches[number + 1 :]
        stretch.checkpoints, stretch.end = kept, None
        if target > kept[-1].retired:
            self._replay(target - kept[-1].retired)

    def _checkpoint(self, retired: int) -> _Checkpoint:
        state, last = self._engine.capture(), self._last
        pages = 0 if last is None else state.pages_changed_since(last.state)
        self._last = _Checkpoint(retired, state, getattr(self._engine, "kalloc_failure_in", 0), pages)
        return self._last

    def _thin(self) -> None:
        """Forget the oldest stretches; in a single long one, every second of the older checkpoints."""
        while len(self._stretches) > 1 and self._too_much():
            del self._stretches[0]
        if self._too_much():
            only = self._stretches[0].checkpoints
            half = len(only) // 2
            self._stretches[0].checkpoints = only[:half:2] + only[half:]

    def _too_much(self) -> bool:
        kept = [c for stretch in self._stretches for c in stretch.checkpoints]
        return len(kept) > _MOST or sum(c.pages for c in kept) > _MOST_PAGES
