"""The serial port of a machine as a conversation: wait for what the guest prints, type, read it all again."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from .. import arguments
from ..console import Console
from ..errors import ExpectError
from ..run_result import RunResult
from ..table import Table, as_table
from .transcript import Transcript

if TYPE_CHECKING:
    from .conversation import Stream

_QUIET = 1_000_000  # instructions between looks for a regular expression
_BUDGET = 10_000_000_000
_SHOWN = 400  # characters of output in an error


class SerialConsole(Console):
    """What the guest prints on its serial port, and a keyboard.

    Examples
    --------
    >>> import hartlab as hl
    >>> hello = "li t0, 0x10000000; li t1, 'H'; sb t1, 0(t0); li t1, 'i'; sb t1, 0(t0); loop: j loop"
    >>> machine = hl.Machine(code=hl.asm(hello))
    >>> machine.console.expect("Hi")
    'Hi'
    """

    _engine: Any  # of a machine

    def __init__(self, engine: Any, changed: Callable[[], None], run: Callable[[int], RunResult]) -> None:
        super().__init__(engine, changed)
        self._run = run
        self._transcript = Transcript(engine.console_output)
        self._seen = 0  # characters of the transcript that expect() has read
        self.stream: Stream | None = None  # shows what is printed, while it is printed

    @property
    def transcript(self) -> str:
        """All that has been printed, with the line ends of a terminal made plain newlines."""
        return str(self._transcript)

    @property
    def typed(self) -> Table:
        """All that was typed, and when: instructions retired, and byte, a row each. A copy.

        `Machine.replay` types it again; ``numpy.save`` keeps it. It is part of the machine's state.
        """
        return as_table(self._engine.typed_table())

    def expect(self, pattern: str | re.Pattern[str], max_instructions: int = _BUDGET) -> str:
        """Run until the guest has printed something, and read up to there.

        The machine stops right behind the text. A regular expression is looked for at the end of each
        line, and every million instructions.

        Parameters
        ----------
        pattern : str or re.Pattern
            Text as it is, or a compiled regular expression, of the `transcript`.
        max_instructions : int
            The budget.

        Returns
        -------
        str
            What was printed since the last `expect`, up to and with what was looked for.

        Raises
        ------
        ExpectError
            When the run ends before: the budget is used up, the guest has switched the power off, or it waits
            for what nothing will bring. What was printed is in its message.
        """
        budget = arguments.integer("max_instructions", max_instructions, 0)
        piece = budget
        if isinstance(pattern, re.Pattern):
            stop_at, piece = "\n", _QUIET
        elif arguments.text("pattern", pattern):
            stop_at = pattern.rpartition("\n")[2] or "\n"
        else:
            raise ValueError("pattern='' is printed at any time; name what to wait for")
        while True:
            found = self._found(pattern)
            if found is not None:
                return found
            result = self.run_to_output(stop_at, min(piece, budget), self._run)
            budget -= result.instructions
            if result.reason == "output" or (result.reason == "budget" and budget > 0):
                continue
            found = self._found(pattern)
            if found is None:
                raise ExpectError(self._complaint(pattern, result))
            return found

    def run_to_output(self, text: str, budget: int, run: Callable[[int], RunResult]) -> RunResult:
        """Run until `text` is printed, from now on: reason ``"output"``; or until something else ends it.

        Parameters
        ----------
        text : str
            What to stop behind.
        budget : int
            Instructions.
        run : callable
            Runs the machine within a budget.

        Returns
        -------
        RunResult
            Of `run`.
        """
        self._engine.stop_at_output(text.encode(), self._engine.console_length)
        try:
            return run(budget)
        finally:
            self._engine.stop_at_output(b"", 0)

    def skip(self) -> None:
        """Count all that has been printed as read by `expect`."""
        self._seen = len(self._transcript)

    def streaming(self) -> AbstractContextManager[Any]:
        r"""Show what the guest prints on standard output, while it runs: in a notebook, below the cell.

        Returns
        -------
        context manager
            For a `with` block: runs inside of it show their output.

        Examples
        --------
        >>> import hartlab as hl
        >>> code = hl.asm("li t0, 0x10000000; li t1, '!'; sb t1, 0(t0); loop: j loop")
        >>> machine = hl.Machine(code=code)
        >>> with machine.console.streaming():
        ...     result = machine.run(10)
        !
        """
        from .conversation import streaming

        return streaming(self)

    def interact(self, max_instructions: int = _BUDGET) -> RunResult:
        """Type at the guest yourself, a line at a time: in a notebook, in the field below the cell.

        What the guest prints is shown while it runs; when it is quiet, a line is asked for. An empty answer
        is a line, too. Interrupting the question (in a notebook: the stop button), or Ctrl-D, ends it.

        Parameters
        ----------
        max_instructions : int
            The budget in all.

        Returns
        -------
        RunResult
            Of the last run: ``"power_off"`` when the guest ended.
        """
        from .conversation import converse

        return converse(self, self._run, arguments.integer("max_instructions", max_instructions, 0))

    def _found(self, pattern: str | re.Pattern[str]) -> str | None:
        """Read on to the end of what matches, if it is there."""
        fresh = self._transcript.since(self._seen)
        if isinstance(pattern, re.Pattern):
            match = pattern.search(fresh)
            end = match.end() if match else -1
        else:
            start = fresh.find(pattern)
            end = start + len(pattern) if start >= 0 else -1
        if end < 0:
            return None
        self._seen += end
        return fresh[:end]

    def _complaint(self, pattern: str | re.Pattern[str], result: RunResult) -> str:
        wanted = repr(pattern.pattern if isinstance(pattern, re.Pattern) else pattern)
        fresh = self._transcript.since(self._seen)
        shown = f"...{fresh[-_SHOWN:]}" if len(fresh) > _SHOWN else fresh
        more = f" ({result.detail})" if result.detail else ""
        return (
            f"the guest has not printed {wanted}: {result.why}, after {result.instructions:,} "
            f"instructions{more}. Since the last expect it has printed {shown!r}"
        )

    @property
    def _printed(self) -> int:
        """Bytes printed in all, those included that are not kept."""
        return int(self._engine.console_length) + self.dropped

    def _position(self) -> tuple[int, int]:
        """How much of the output has been read: bytes by `read`, characters by `expect`."""
        return self._read, self._seen

    def _go_on_at(self, position: tuple[int, int]) -> None:
        """Count as read what had been read of a machine that this one goes on from."""
        read, seen = position
        self._read, self._seen = max(0, int(read)), max(0, int(seen))
        self._state_changed()

    def _state_changed(self) -> None:
        super()._state_changed()
        self._transcript.begin_again()
        self._seen = min(self._seen, len(self._transcript))
