"""Running the kernel's processes within budgets: a part of Kernel."""

from __future__ import annotations

from typing import Any

from . import arguments
from .errors import KernelPanic
from .history import Ending, History, Run
from .run_result import RunResult
from .stepping import MOST, Stepping

_UNTIL = ("trap", "syscall", "exit", "switch")
_UNTIL_FLAGS = {"trap": "at_trap", "syscall": "at_syscall", "exit": "at_exit", "switch": "at_switch"}


class Running(Stepping):
    """The base of Kernel that runs processes."""

    _engine: Any
    _history: History

    def run(
        self, max_instructions: int = 100_000_000, *, max_work: int | None = None, until: str | None = None
    ) -> RunResult:
        """Run the processes until there is nothing left to do, the budget is used up, or something happens.

        The GIL is released. Ctrl-C raises KeyboardInterrupt within 50 ms and leaves the kernel whole; a
        system call that has taken hundreds of megabytes gives them back first, at a microsecond a page.

        Parameters
        ----------
        max_instructions : int
            The budget; the run stops exactly there.
        max_work : int, optional
            The budget of the kernel's own work; by default a sixteenth of the instructions and a million.
        until : str, optional
            Stop early: at a ``"trap"`` or ``"syscall"`` before the kernel handles it, at an ``"exit"``, or
            before the ``"switch"`` to another process.

        Returns
        -------
        RunResult
            The reason, and what the run cost.

        Raises
        ------
        KernelPanic
            When the kernel panics. It is frozen then, and can still be inspected and restored.
        RuntimeError
            When the kernel is running already, on another thread.
        """
        budget = arguments.integer("max_instructions", max_instructions, 0, MOST)
        work = 0 if max_work is None else arguments.integer("max_work", max_work, 1, MOST)
        flags = {} if until is None else {_UNTIL_FLAGS[arguments.choice("until", until, _UNTIL)]: True}
        self._engine.claim()
        try:
            return self._run(budget, work or budget // 16 + 1_000_000, flags)
        finally:
            self._engine.release_claim()

    def _run(self, budget: int, max_work: int, flags: dict[str, bool]) -> RunResult:
        work = traps = pid = 0
        detail = ""

        def run(instructions: int) -> tuple[str, int]:
            nonlocal work, traps, pid, detail
            if work >= max_work:
                return "work", 0
            reason, executed, worked, trapped, pid, detail = self._run_on_record(
                instructions, max_work - work, flags
            )
            work, traps = work + worked, traps + trapped
            return reason, executed

        reason, executed = self._run_in_pieces(budget, run)
        hit = self._watch_hit() if reason == "watchpoint" else None
        return RunResult(reason, executed, work, traps, pid, str(hit or detail), watch=hit)

    def _run_on_record(
        self, budget: int, max_work: int, flags: dict[str, bool]
    ) -> tuple[str, int, int, int, int, str]:
        """Run, and say to the history how it can be done again."""
        engine = self._engine
        stops = tuple(engine.breakpoints), tuple(engine.watchpoints)
        first, reason = engine.retired, "interrupted"
        try:
            outcome: tuple[str, int, int, int, int, str] = engine.run(budget, max_work, **flags)
            reason = outcome[0]
            return outcome
        except KernelPanic:
            reason = "panic"
            raise
        finally:
            as_counted = reason in ("budget", "interrupted")
            ending = None if as_counted else Ending(budget, max_work, flags, *stops, reason == "work")
            self._history.ran(Run(engine.retired - first, ending))
            if reason == "interrupted":
                self._history.changed()

    def _at_breakpoint(self) -> bool:
        return self._engine.privilege == 0 and super()._at_breakpoint()

    def _run_again(self, count: int) -> tuple[str, int]:
        reason, executed, *_ = self._engine.run(count, MOST)
        return reason, executed
