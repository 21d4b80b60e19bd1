"""A process in which referees judge, so that one that hangs or dies takes no more with it than one verdict.

Both ends are the grader's own, so what goes between them is pickled. Nothing of a submission is executed in
either.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from typing import Any

from .descendants import kill_with_descendants
from .task import Graded, Task

_IDLE = 60.0  # seconds without a task after which it ends
_BEGINNING = 120.0  # seconds of the clock in which it must have begun
_ORPHANED = 60  # seconds past a task's time after which it ends by itself: nobody is there to do it
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from hartlab.grading.referee_process import serve; serve(int(sys.argv[2]))"
)


class RefereeHungError(Exception):
    """It had not come to a verdict when its time was over."""


class RefereeDiedError(Exception):
    """It ended by itself, or somebody has ended it."""


class RefereeProcess:
    """Grades one task after the other.

    Attributes
    ----------
    begun_in : object
        The environment and the path of modules that it has; equal to `surroundings()` while they are ours.
    """

    def __init__(self) -> None:
        self.begun_in = surroundings()
        self._begun = False
        self._line, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for whoever began it
            )

    @property
    def lives(self) -> bool:
        """Whether it can be given a task."""
        return self._process.poll() is None

    def grade(self, task: Task, level: str, seconds: float) -> Graded:
        """Have a task graded. Raises RefereeHungError after so many seconds, and RefereeDiedError."""
        if not self._begun:  # that does not count for the task
            self._receive(_BEGINNING)
            self._begun = True
        try:
            self._line.send((task, level, int(seconds) + _ORPHANED))
        except OSError:
            raise RefereeDiedError from None
        graded: Graded = self._receive(seconds)
        return graded

    def _receive(self, seconds: float) -> Any:
        try:
            if self._line.poll(seconds):
                return self._line.recv()
        except (OSError, EOFError):
            raise RefereeDiedError from None
        raise RefereeHungError

    def kill(self) -> None:
        """Kill it, and what it has begun in jails: whoever waits for it gets a RefereeDiedError."""
        if self._process.poll() is None:
            kill_with_descendants(self._process.pid)

    def end(self) -> None:
        """Kill it, and let nothing be left of it."""
        self.kill()
        self._process.wait()
        self._line.close()


def surroundings() -> object:
    """What a process that is begun now is begun in."""
    return dict(os.environ), list(sys.path)


def serve(descriptor: int) -> None:
    """Grade what comes over the line, until nobody is at its other end, or nothing has come for long."""
    from .grader import graded

    line = Connection(descriptor)
    try:
        line.send("begun")
        while line.poll(_IDLE):
            task, level, seconds = line.recv()
            signal.alarm(seconds)
            line.send(graded(task, level))
            signal.alarm(0)
    except (OSError, EOFError):
        pass
