"""The processes of referees that this process has, and what comes of a task that none gives a verdict on."""

from __future__ import annotations

import atexit
import os
from concurrent.futures import CancelledError
from threading import Lock

from ..labs import lab
from .isolating import isolation_of
from .outcome import Outcome
from .referee_process import RefereeDiedError, RefereeHungError, RefereeProcess, surroundings
from .task import Graded, Task

_ATTEMPTS = 2  # the first time it may have been killed for another's sake

_GAVE_UP = (
    "the grader gave up after {seconds:,} s, which is more than any submission should take: this is no "
    "verdict, and not held against the submission; grade it by hand"
)
_DIED = "the grader's process died, twice: killed for want of memory, or by what it executed"


def graded_apart(task: Task) -> Graded:
    """Grade a submission in another process, which is ended when it takes longer than the task's seconds."""
    level = isolation_of(task.at_most, task.required).level
    try:
        for _ in range(_ATTEMPTS):
            if (graded := _referees.graded(task, level)) is not None:
                return graded
    except RefereeHungError:
        return _without_verdict(task, _GAVE_UP.format(seconds=task.seconds), level)
    return _without_verdict(task, _DIED, level)


def end_referees() -> None:
    """End them all; those who wait for one of them get a CancelledError."""
    _referees.end()


class _Referees:
    """Those that have been begun: a task is given to one that has none, or to a new one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._idle: list[RefereeProcess] = []
        self._busy: set[RefereeProcess] = set()
        self._ended = 0

    def graded(self, task: Task, level: str) -> Graded | None:
        """Have a task graded: nothing when its process died. Raises RefereeHungError."""
        ended, referee = self._ended, self._taken()
        try:
            graded = referee.grade(task, level, task.seconds)
            self._give_back(referee)
            return graded
        except RefereeDiedError:
            if self._ended != ended:
                raise CancelledError from None
            return None
        finally:
            if self._forgotten(referee):
                referee.end()

    def _taken(self) -> RefereeProcess:
        """One that was begun as one would be begun now, and lives."""
        now = surroundings()
        with self._lock:
            fit = [each for each in self._idle if each.lives and each.begun_in == now]
            others = [each for each in self._idle if each not in fit]
            referee = fit.pop() if fit else RefereeProcess()
            self._idle = fit
            self._busy.add(referee)
        for each in others:
            each.end()
        return referee

    def _give_back(self, referee: RefereeProcess) -> None:
        with self._lock:
            self._busy.remove(referee)
            self._idle.append(referee)

    def _forgotten(self, referee: RefereeProcess) -> bool:
        """Whether it was not given back; it is nobody's then."""
        with self._lock:
            was_busy = referee in self._busy
            self._busy.discard(referee)
            return was_busy

    def end(self) -> None:
        with self._lock:
            self._ended += 1
            idle, self._idle = self._idle, []
            for each in self._busy:
                each.kill()
        for each in idle:
            each.end()


_referees = _Referees()


def _begin_anew() -> None:
    """In a process that was forked, those of the other one are none of its own."""
    global _referees
    _referees = _Referees()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(end_referees)


def _without_verdict(task: Task, message: str, level: str) -> Graded:
    about = {"submission": task.name, "status": "error", "seed": task.own_seed, "isolation": level}
    return Graded(Outcome.without_verdict(message, lab(task.lab), **about))
