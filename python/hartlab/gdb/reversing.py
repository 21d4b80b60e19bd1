"""Ways back: steps and runs backwards, on the machine's history.

A moment in the past is a number of instructions, and where the hart was: a trap that is taken makes two
moments of one number. From a checkpoint all moments after it are found again by going forward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .motion import PIECE
from .target import Stop, Target

_STOPS = 500  # at breakpoints, between looks at the socket
_TRAPS = 64  # that may be taken with no instruction between them


class _Moment(NamedTuple):
    instructions: int
    hart: int
    pc: int


def _now(target: Target) -> _Moment:
    return _Moment(target.machine.instructions, target.current, target.machine.harts[target.current].pc)


def _go_to(target: Target, moment: _Moment) -> None:
    """Go back to a moment on record."""
    machine = target.machine
    # If a trap is all that lies between, the instruction before it has to be made again.
    machine.back(max(machine.instructions - moment.instructions, 1))
    _go_on_to(target, moment)


def _go_on_to(target: Target, moment: _Moment, look: Callable[[], None] = lambda: None) -> list[_Moment]:
    """Go on to a moment that is an instruction and some traps ahead at most, with a look at each on the way.

    Returns those on the way. If it is not found, the machine is behind where it would have been.
    """
    passed: list[_Moment] = []
    while (
        len(passed) < _TRAPS and (now := _now(target)) != moment and now.instructions <= moment.instructions
    ):
        passed.append(now)
        look()
        target.machine.run(1, until="trap")
    return passed


class StepBack:
    """Undoing an instruction, or a trap that was taken. Which hart's it was is the machine's to say."""

    idle = False

    def __init__(self, target: Target) -> None:
        self._target = target

    def advance(self) -> Stop:
        """Do it."""
        target, machine = self._target, self._target.machine
        if not machine._history.length():
            return Stop("beginning", target.current)
        end = _now(target)
        machine.back(1)
        passed = _go_on_to(target, end)
        if _now(target) == end:
            _go_to(target, passed[-1])
        else:  # somebody has set registers
            _go_to(target, passed[0])
        return Stop("step", target.current)


class ContinueBack:
    """Running backwards to the last moment at which a breakpoint or watchpoint stops the machine.

    From the checkpoint before, the machine goes forward again to find where it would have stopped; if it
    would not have, from the checkpoint before that one.
    """

    idle = False

    def __init__(self, target: Target) -> None:
        self._target = target
        self._end: _Moment | None = None  # of what is searched, if it is known to the instruction and trap
        self._length = self._left = 0  # instructions that are searched, and of them those to come
        self._found: tuple[_Moment, Stop] | None = None

    def advance(self) -> Stop | None:
        """Go on for a piece."""
        if not self._length and not self._begin():
            return Stop("beginning", self._target.current)
        for _ in range(_STOPS):
            if not self._search():
                return self._finish()
        return None

    def _begin(self) -> bool:
        """Go back to the checkpoint before; False if there is none."""
        machine = self._target.machine
        for checkpoint in machine._history.checkpoints():
            if checkpoint.ago:
                self._end = _now(self._target) if checkpoint.leads_here else None
                self._length = self._left = checkpoint.length
                machine.back(checkpoint.ago)
                self._note_breakpoint()
                return True
        return False

    def _search(self) -> bool:
        """Go on to the next stop; False at the end."""
        machine = self._target.machine
        result = machine.run(min(PIECE, self._left))
        self._left -= result.instructions
        if result.reason == "watchpoint" and result.watch is not None:
            watched, address = self._target.watched_by(result.watch)
            before = _Moment(machine.instructions - 1, result.hart, result.watch.pc)
            self._found = before, Stop("watchpoint", result.hart, watched, address)
        self._note_breakpoint()
        return self._left > 0 and (result.instructions > 0 or result.reason == "breakpoint")

    def _note_breakpoint(self) -> None:
        now = _now(self._target)
        if now != self._end and self._target.machine._at_breakpoint():
            self._found = now, Stop("breakpoint", now.hart)

    def _finish(self) -> Stop | None:
        """Go to the last stop that was found; if there was none, the search goes on before."""
        if self._end is not None:
            _go_on_to(self._target, self._end, self._note_breakpoint)
        if self._found is None:
            self._target.machine.back(self._length)
            self._length = 0
            return None
        moment, stop = self._found
        _go_to(self._target, moment)
        return stop
