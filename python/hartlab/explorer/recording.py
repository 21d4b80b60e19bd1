"""All that a kernel has done since its history begins, done again on a clone: events, and the state at each.

Runs are exact, so nothing needs to be recorded beforehand: `History` says what was done, and doing it again
gives the same events. The first time through, the clone leaves checkpoints on the way; the state at an event
is the checkpoint before it, and what was done from there to the moment at which the event is recorded.
"""

from __future__ import annotations

import contextlib
import copy
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import Interrupted, KernelPanic, PageFault
from ..history import Call, Run
from ..snapshot import Snapshot
from ..stepping import MOST
from ..table import Table, as_table

if TYPE_CHECKING:
    from ..kernel import Kernel

_EVENTS_APART = 128  # between checkpoints ...
_INSTRUCTIONS_APART = 1_000_000  # ... or so many instructions
_MOST_PAGES = 16_384  # of RAM that all checkpoints keep, 64 MiB
_LONGEST_PIECE = 1 << 20  # instructions that are executed at once the first time
_LOOKS = 64  # states that are kept once they have been asked for


@dataclass
class _Place:
    """Somewhere in what was done: an operation of a stretch, and how far into it."""

    stretch: int
    operation: int
    instructions: int = 0


@dataclass
class _Mark:
    """A state on the way, and how many events came before it."""

    events: int
    retired: int
    place: _Place
    state: Any
    kalloc_failure_in: int
    pages: int


class Recording:
    """What a kernel has done. The kernel itself is neither changed nor run."""

    def __init__(self, kernel: Kernel, capacity: int, instructions: int) -> None:
        self._present = kernel._engine.capture()
        self._stretches = [copy.deepcopy(each.operations) for each in kernel._history.stretches]
        self._begins = [each.checkpoints[0] for each in kernel._history.stretches]
        self._goes_on = [not each.after_restore for each in kernel._history.stretches]
        self._performers = dict(kernel._performers)  # the engine keeps only weak references to them
        self._engine = kernel._engine.twin(self._present)
        self._marks: list[_Mark] = []
        self._events_apart, self._instructions_apart = _EVENTS_APART, _INSTRUCTIONS_APART
        self._piece = 1 << 12
        self._looks: OrderedDict[int, Snapshot] = OrderedDict()
        self._calls: list[tuple[int, int, str, tuple[Any, ...]]] = []
        first = self._first_stretch(kernel, instructions)
        self._engine.set_tracing(capacity)
        for number in range(first, len(self._stretches)):
            self._discover(number)
        self.events: Table = as_table(self._engine.trace(0))
        self.dropped = int(self._engine.events_dropped)

    def __len__(self) -> int:
        """How many events there are; position len() is the present."""
        return len(self.events)

    def state(self, position: int) -> Snapshot:
        """The state once event number `position` has been recorded; that of the kernel now for len(self).

        The kernel may be in the middle of a call then. -1 is the state in which everything began.
        """
        if position >= len(self):
            return Snapshot(self._present)
        if position in self._looks:
            self._looks.move_to_end(position)
            return self._looks[position]
        if position < 0 and not self.dropped:
            return Snapshot(self._marks[0].state if self._marks else self._present)
        look = self._looks[position] = Snapshot(self._look(position + self.dropped))
        if len(self._looks) > _LOOKS:
            self._looks.popitem(last=False)
        return look

    def made_by(self, position: int) -> tuple[str, tuple[Any, ...]] | None:
        """The call from Python in which an event was recorded: a method of the engine and its arguments."""
        number = position + self.dropped
        return next((call[2:] for call in self._calls if call[0] <= number < call[1]), None)

    # -- the first time --------------------------------------------------------------------------------------

    def _first_stretch(self, kernel: Kernel, instructions: int) -> int:
        """The earliest stretch from which no more than so many instructions lead to the present."""
        first = len(self._stretches)
        for number in reversed(range(first)):
            instructions -= sum(
                each.instructions for each in self._stretches[number] if isinstance(each, Run)
            )
            if instructions < 0:
                first = self._cut(kernel, number, -instructions)
                break
            first = number
        return first

    def _cut(self, kernel: Kernel, number: int, surplus: int) -> int:
        """Begin a long stretch at one of its later checkpoints; the next stretch when it has none."""
        stretch = kernel._history.stretches[number]
        late = [each for each in stretch.checkpoints[1:] if each.retired - stretch.start >= surplus]
        if not late:
            return number + 1
        self._begins[number] = late[0]
        self._stretches[number] = self._stretches[number][late[0].done :]
        return number

    def _discover(self, number: int) -> None:
        begin = self._begins[number]
        waiting = self._engine.call_events
        self._restore(begin.state, begin.kalloc_failure_in)
        if self._goes_on[number]:
            self._engine.call_events = waiting  # so that their events learn the results
        self._mark(_Place(number, 0))
        for index, operation in enumerate(self._stretches[number]):
            if isinstance(operation, Call):
                before = int(self._engine.events_total)
                self._call(operation)
                self._calls.append(
                    (before, int(self._engine.events_total), operation.method, operation.arguments)
                )
                self._mark_if_far(_Place(number, index + 1))
            else:
                self._discover_run(operation, _Place(number, index))

    def _discover_run(self, run: Run, place: _Place) -> None:
        """Execute a run in pieces that are as long as lets each have some events."""
        engine = self._engine
        in_pieces = run.ending is None or not run.ending.by_work
        while in_pieces and run.instructions - place.instructions > self._piece:
            before = engine.events_total
            engine.run(self._piece, MOST)
            place = _Place(place.stretch, place.operation, place.instructions + self._piece)
            self._mark_if_far(place)
            events = engine.events_total - before
            if events > self._events_apart and self._piece > 64:
                self._piece //= 2
            elif 4 * events < self._events_apart and self._piece < _LONGEST_PIECE:
                self._piece *= 2
        self._finish(run, place)
        self._mark_if_far(_Place(place.stretch, place.operation + 1))

    def _finish(self, run: Run, place: _Place) -> None:
        """Execute the rest of a run, to where it really ended."""
        if run.ending is None:
            self._engine.run(run.instructions - place.instructions, MOST)
            return
        self._engine.breakpoints, self._engine.watchpoints = run.ending.breakpoints, run.ending.watchpoints
        try:
            budget = run.ending.budget - place.instructions
            self._engine.run(budget, run.ending.max_work, **run.ending.flags)
        except KernelPanic:
            pass  # as it did the first time
        finally:
            self._engine.breakpoints, self._engine.watchpoints = [], []

    def _call(self, call: Call) -> None:
        # What it raised the first time; Interrupted: a look ended it.
        with contextlib.suppress(KernelPanic, PageFault, Interrupted, ValueError, RuntimeError, LookupError):
            getattr(self._engine, call.method)(*call.arguments)

    # -- checkpoints on the way ------------------------------------------------------------------------------

    def _mark_if_far(self, place: _Place) -> None:
        last, engine = self._marks[-1], self._engine
        far = engine.events_total - last.events >= self._events_apart
        if (far or engine.retired - last.retired >= self._instructions_apart) and not engine.panicked():
            self._mark(place)

    def _mark(self, place: _Place) -> None:
        engine = self._engine
        state = engine.capture()
        pages = state.pages_changed_since(self._marks[-1].state) if self._marks else 0
        self._marks.append(
            _Mark(engine.events_total, engine.retired, place, state, engine.kalloc_failure_in, pages)
        )
        if sum(mark.pages for mark in self._marks) > _MOST_PAGES:
            self._thin()

    def _thin(self) -> None:
        """Keep every second checkpoint, and those with which a stretch begins; from now on, half as many."""
        kept: list[_Mark] = []
        for number, mark in enumerate(self._marks):
            begins = mark.place.operation == 0 and mark.place.instructions == 0
            if begins or number % 2:
                mark.pages = mark.state.pages_changed_since(kept[-1].state) if kept else 0
                kept.append(mark)
        self._marks = kept
        self._events_apart *= 2
        self._instructions_apart *= 2

    def _restore(self, state: Any, kalloc_failure_in: int) -> None:
        self._engine.restore(state)
        self._engine.kalloc_failure_in = kalloc_failure_in

    # -- a second time, as far as an event -------------------------------------------------------------------

    def _look(self, number: int) -> Any:
        mark = next(mark for mark in reversed(self._marks) if mark.events <= number)
        engine, place = self._engine, mark.place
        self._restore(mark.state, mark.kalloc_failure_in)
        engine.set_tracing(1)
        engine.look_at(number - mark.events)
        time = int(self.events["time"][number - self.dropped])
        for index, operation in enumerate(self._stretches[place.stretch]):
            if index < place.operation:
                continue
            if isinstance(operation, Call):
                self._call(operation)
            else:
                here = place if index == place.operation else _Place(place.stretch, index)
                self._run_as_far_as(operation, here, time)
            if (look := engine.take_look()) is not None:
                return look
        raise RuntimeError(
            "the machine did not do the same again: a function that is replaced in Python depends on more "
            "than its arguments and the kernel's memory"
        )

    def _run_as_far_as(self, run: Run, place: _Place, time: int) -> None:
        """Execute a run, or as much of it as reaches into the instruction at which the event is recorded."""
        enough = max(time - self._engine.retired, 0) + 1
        if enough < run.instructions - place.instructions:
            with contextlib.suppress(KernelPanic):
                self._engine.run(enough, MOST)
        else:
            self._finish(run, place)
