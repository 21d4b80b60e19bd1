"""A serial port for people: output as it comes, and lines that they type, in a notebook or a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..run_result import RunResult
from .console import SerialConsole

_QUIET = 20_000_000  # instructions without output: time to ask for input


class Stream:
    """Copies what the guest prints to standard output, which a notebook shows below the cell."""

    def __init__(self, console: SerialConsole) -> None:
        self._console = console
        self._shown = console._transcript.settled()
        self.echo = ""  # is on the screen already, as it was typed there

    def show(self) -> None:
        """Print what is new."""
        transcript = self._console._transcript
        shown, self._shown = self._shown, transcript.settled()  # half of a character or line end is to come
        fresh = transcript.since(shown)[: max(0, self._shown - shown)]
        if fresh:
            sys.stdout.write(fresh.removeprefix(self.echo))
            sys.stdout.flush()
            self.echo = ""


@contextmanager
def streaming(console: SerialConsole) -> Iterator[Stream]:
    """Within it, runs show what the guest prints while they go on."""
    before, console.stream = console.stream, Stream(console)
    try:
        yield console.stream
    finally:
        console.stream = before


def converse(console: SerialConsole, run: Callable[[int], RunResult], budget: int) -> RunResult:
    """Let a person type at the guest, a line at a time, until one of them ends it."""
    with streaming(console) as stream:
        while True:
            result, budget = _until_quiet(console, run, budget)
            if result.reason not in ("budget", "waiting") or budget <= 0:
                return result
            try:
                line = input()
            except (EOFError, KeyboardInterrupt):
                return result
            console.send(line + "\n")
            stream.echo = line + "\n"


def _until_quiet(
    console: SerialConsole, run: Callable[[int], RunResult], budget: int
) -> tuple[RunResult, int]:
    while True:
        before = console._printed
        result = run(min(_QUIET, budget))
        budget -= result.instructions
        if result.reason != "budget" or budget <= 0 or console._printed == before:
            return result, budget
