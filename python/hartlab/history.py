"""Stepping backwards: checkpoints of what has run, and re-execution from the nearest one.

Runs are exact, so a state in the past is the checkpoint before it plus a number of instructions. What Python
changes (a system call made for a process, a store, a restore) is not re-executed by `back`: it ends one
stretch of history, and the next run begins another. Going back over such a change leads into the stretch
before it.

A stretch also says what was done since its first checkpoint, as operations of the engine: runs, or system
calls that were made from Python. Whoever does them again on a clone sees all that happened
(`hartlab.explorer`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SPACING = 20_000_000  # instructions between checkpoints of one stretch, at least
_SPACING_PER_PAGE = 40_000  # and more of them where each would copy many pages
_MOST = 512  # checkpoints in all: the oldest stretches are forgotten first ...
_MOST_PAGES = 16_384  # ... and pages of RAM that they keep, 64 MiB
_MOST_OPERATIONS = (
    65_536  # ... and operations: the oldest calls are forgotten first, which `back` passes over
)
_OPERATIONS = 1024  # of one stretch


@dataclass(slots=True)
class Run:
    """A run of so many instructions; `ending` is what the engine was asked for if something else ended it."""

    instructions: int
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """All that decides where a run ends."""

    budget: int
    max_work: int
    flags: Mapping[str, bool]
    breakpoints: Sequence[int]
    watchpoints: Sequence[Any]
    by_work: bool  # which is counted otherwise when the run is made in pieces


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the engine that changes its state, and its arguments: a system call made from Python."""

    method: str
    arguments: tuple[Any, ...]


@dataclass
class Checkpoint:
    """A state that is kept."""

    retired: int
    state: Any
    kalloc_failure_in: int
    pages: int  # that it does not share with the checkpoint before it
    done: int  # operations of its stretch that came before it


@dataclass
class Stretch:
    """What was done between two changes that cannot be done again."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    operations: list[Run | Call] = field(default_factory=list)
    end: int | None = None  # instructions retired when Python changed something; None while it goes on
    calls: bool = False  # it is of calls, and no run
    open: bool = False  # to more of them
    after_restore: bool = False  # it does not go on from where the one before it ended

    @property
    def start(self) -> int:
        return self.checkpoints[0].retired


class Moment(NamedTuple):
    """A moment on record: the number of its stretch, and the instructions that had retired."""

    stretch: int
    retired: int


class Distance(NamedTuple):
    """How far away a checkpoint is, in instructions."""

    ago: int
    length: int  # to the checkpoint after it, to a change by Python, or to the present state
    leads_here: bool  # no change by Python lies between


class History:
    """The checkpoints of one kernel or machine."""

    def __init__(self, engine: Any, replay: Callable[[int], None]) -> None:
        self._engine = engine
        self._replay = replay  # executes exactly so many instructions
        self._stretches: list[Stretch] = []
        self._last: Checkpoint | None = None
        self._restored = False

    def changed(self) -> None:
        """Python is about to change the state: what has run until now is a stretch of its own."""
        if self._stretches:
            last = self._stretches[-1]
            last.end = self._engine.retired if last.end is None else last.end
            last.open = False

    def restored(self) -> None:
        """Python has brought another state back."""
        self._restored = True

    def _begin(self, stretch: Stretch) -> Stretch:
        stretch.after_restore, self._restored = self._restored, False
        self._stretches.append(stretch)
        return stretch

    def calls(self, method: str, arguments: tuple[Any, ...]) -> None:
        """Python is about to change the state by a call that can be made again."""
        last = self._stretches[-1] if self._stretches else None
        if last is None or not last.open or len(last.operations) >= _OPERATIONS:
            self.changed()
            retired = self._engine.retired
            last = self._begin(Stretch(end=retired, calls=True, open=True))
            last.checkpoints.append(self._checkpoint(retired, 0))
            self._thin()
        last.operations.append(Call(method, arguments))

    def call_was_interrupted(self) -> None:
        """The last call ended where no other would."""
        if self._stretches and self._stretches[-1].open:
            self._stretches[-1].operations.pop()
            self.changed()

    def before_run(self) -> None:
        """A run is about to begin or to go on: keep a checkpoint if the last one is far away."""
        retired = self._engine.retired
        if not self._stretches or self._stretches[-1].end is not None:
            self._begin(Stretch())
        last = self._stretches[-1]
        spacing = max(SPACING, _SPACING_PER_PAGE * self._engine.pages_written)
        if not last.checkpoints or retired - last.checkpoints[-1].retired >= spacing:
            last.checkpoints.append(self._checkpoint(retired, len(last.operations)))
            self._thin()

    def ran(self, run: Run) -> None:
        """The run that was about to begin has ended."""
        last = self._stretches[-1] if self._stretches else None
        if last is None or last.end is not None:  # forgotten in the middle of the run
            return
        before = last.operations[-1] if last.operations else None
        since_checkpoint = last.checkpoints[-1].done < len(last.operations)
        if isinstance(before, Run) and since_checkpoint and not (before.ending or run.ending):
            before.instructions += run.instructions
        else:
            last.operations.append(run)
        if len(last.operations) >= _OPERATIONS:
            self.changed()  # the next run begins another, so that the oldest can be forgotten

    @property
    def stretches(self) -> Sequence[Stretch]:
        """What is on record, oldest first."""
        return self._stretches

    def forget(self) -> None:
        """What has run cannot be executed again as it was: something else performs a part of it now."""
        self._stretches.clear()
        self._last = None

    def length(self) -> int:
        """How many instructions back() can go."""
        return sum(self._span(stretch) for stretch in self._stretches)

    def checkpoints(self) -> Iterator[Distance]:
        """Yield the checkpoints, latest first."""
        behind = 0
        for stretch in reversed(self._stretches):
            end: int = self._engine.retired if stretch.end is None else stretch.end
            next_one = end
            for checkpoint in reversed(stretch.checkpoints):
                ago = behind + end - checkpoint.retired
                yield Distance(ago, next_one - checkpoint.retired, stretch.end is None)
                next_one = checkpoint.retired
            behind += end - stretch.start

    def find(self, count: int) -> Moment:
        """Where the state of `count` instructions ago is on record; ValueError when it is not."""
        remaining = count
        for number in reversed(range(len(self._stretches))):
            stretch = self._stretches[number]
            span = self._span(stretch)
            if remaining <= span:
                return Moment(number, stretch.start + span - remaining)
            remaining -= span
        raise ValueError(
            f"n={count} is further than the history goes: {self.length():,} instructions are on record"
        )

    def _span(self, stretch: Stretch) -> int:
        end: int = self._engine.retired if stretch.end is None else stretch.end
        return end - stretch.start

    def go_back(self, moment: Moment) -> None:
        """Make the state what it was then, and forget what came after. When it fails, all is as it was."""
        stretch = self._stretches[moment.stretch]
        kept = [c for c in stretch.checkpoints if c.retired <= moment.retired]
        done, last = kept[-1].done, self._last
        again = [moment.retired - kept[-1].retired]
        if again[0] > 2 * SPACING:  # whoever goes back goes back again: from a checkpoint near by, next time
            again = [again[0] - SPACING, SPACING]
        state, failure = self._engine.capture(), self._failure()
        try:
            self._restore(kept[-1].state, kept[-1].kalloc_failure_in)
            self._replay(again[0])
            for more in again[1:]:
                kept.append(self._checkpoint(self._engine.retired, done + 1))
                self._replay(more)
        except BaseException:
            self._last = last
            self._restore(state, failure)
            raise
        del self._stretches[moment.stretch + 1 :]
        stretch.checkpoints, stretch.end = kept, None
        stretch.operations[done:] = [Run(each) for each in again if each]

    def _restore(self, state: Any, kalloc_failure_in: int) -> None:
        self._engine.restore(state)
        if hasattr(self._engine, "kalloc_failure_in"):
            self._engine.kalloc_failure_in = kalloc_failure_in

    def _failure(self) -> int:
        """How many calls of kalloc away the one is that fails; 0 for none, and for a machine."""
        return getattr(self._engine, "kalloc_failure_in", 0)

    def _checkpoint(self, retired: int, done: int) -> Checkpoint:
        state, last = self._engine.capture(), self._last
        pages = 0 if last is None else state.pages_changed_since(last.state)
        self._last = Checkpoint(retired, state, self._failure(), pages, done)
        return self._last

    def _thin(self) -> None:
        """Forget the oldest stretches; in a single long one, every second of the older checkpoints."""
        while self._operations() > _MOST_OPERATIONS and any(each.calls for each in self._stretches[:-1]):
            del self._stretches[next(i for i, each in enumerate(self._stretches) if each.calls)]
        while len(self._stretches) > 1 and self._too_much():
            del self._stretches[0]
        if self._too_much():
            only = self._stretches[0].checkpoints
            half = len(only) // 2
            self._stretches[0].checkpoints = only[:half:2] + only[half:]

    def _too_much(self) -> bool:
        kept = [c for stretch in self._stretches for c in stretch.checkpoints]
        many = len(kept) > _MOST or self._operations() > _MOST_OPERATIONS
        return many or sum(c.pages for c in kept) > _MOST_PAGES

    def _operations(self) -> int:
        return sum(len(each.operations) for each in self._stretches)
