"""Running in steps, to a place, and backwards: what a kernel and a machine have in common."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from . import arguments
from .errors import Interrupted
from .history import SPACING, History
from .run_result import RunResult
from .stops import Breakpoints, Watch, WatchHit, watch

MOST = (1 << 63) - 1  # instructions that can be asked for


class Stepping:
    """The base of Kernel and Machine."""

    _engine: Any
    _history: History
    breakpoints: Breakpoints
    run: Callable[..., RunResult]  # within a budget; what else can end it is for Kernel and Machine to say

    def _changed(self) -> None:
        """Python is about to change the state."""
        if not self._engine.running:
            self._history.changed()

    def step(self, n: int = 1) -> RunResult:
        """Execute a few instructions.

        Parameters
        ----------
        n : int
            How many.

        Returns
        -------
        RunResult
            Reason ``"budget"`` when all of them were executed.
        """
        return self.run(arguments.integer("n", n, 1, MOST))

    def run_to(self, where: int | str, max_instructions: int = 100_000_000) -> RunResult:
        """Run until an instruction is next.

        Parameters
        ----------
        where : int or str
            Its address, or the name of a function.
        max_instructions : int
            The budget.

        Returns
        -------
        RunResult
            Reason ``"breakpoint"`` when it got there.
        """
        address = self.breakpoints.address(where)
        before = list(self._engine.breakpoints)
        self._engine.breakpoints = [*before, address]
        try:
            return self.run(max_instructions)
        finally:
            self._engine.breakpoints = before

    def back(self, n: int = 1) -> None:
        """Step backwards: make the state what it was `n` instructions ago.

        It restores the nearest checkpoint before that and executes again from there. What Python had changed
        since (system calls made for a process, stores, spawns) is undone with it. The event trace begins
        anew.

        Parameters
        ----------
        n : int
            Instructions.

        Raises
        ------
        ValueError
            When the history does not go back so far.
        Interrupted
            When `stop` is called meanwhile. The state is then what it was, as it is after Ctrl-C.
        """
        n = arguments.integer("n", n, 1, MOST)
        self._engine.claim()
        try:
            moment = self._history.find(n)
            try:
                self._history.go_back(moment)
            finally:
                self._gone_back()
        finally:
            self._engine.release_claim()

    def _run_in_pieces(self, budget: int, run: Callable[[int], tuple[str, int]]) -> tuple[str, int]:
        """Run within a budget, with a checkpoint before each piece; the reason, and what was executed.

        `run` executes so many instructions at most and returns why it stopped and how many they were.
        """
        executed = 0
        while True:
            self._history.before_run()
            reason, instructions = run(min(SPACING, budget - executed))
            executed += instructions
            if reason != "budget" or executed >= budget:
                return reason, executed
            if self._at_breakpoint():
                return "breakpoint", executed

    def _gone_back(self) -> None:
        """Another state has been restored."""

    def _replay(self, count: int) -> None:
        """Execute exactly `count` instructions again, past all breakpoints and watchpoints."""
        breakpoints, watchpoints = self._engine.breakpoints, self._engine.watchpoints
        self._engine.breakpoints, self._engine.watchpoints = [], []
        try:
            while count > 0:
                reason, executed = self._run_again(count)
                count -= executed
                if executed == 0 or reason == "interrupted":
                    raise Interrupted("stop() ended the way back: the state is what it was")
        finally:
            self._engine.breakpoints, self._engine.watchpoints = breakpoints, watchpoints

    def _run_again(self, count: int) -> tuple[str, int]:
        """Run until something ends it, such as a guest's reset that has ended a run before."""
        outcome: tuple[str, int] = self._engine.run(count)
        return outcome

    def _at_breakpoint(self) -> bool:
        """Whether the next instruction has one: where a run begins, the hart passes over it."""
        return self._engine.pc in self._engine.breakpoints

    def _watch_hit(self) -> WatchHit | None:
        """What was touched, after a run has ended at a watchpoint."""
        hit = self._engine.take_watch_hit()
        return WatchHit(*hit) if hit else None

    def stop(self) -> None:
        """End the run in progress soon; from another thread. It returns with the reason ``"interrupted"``."""
        self._engine.stop()

    def watch(self, va: int, size: int = 8, *, loads: bool = False, stores: bool = True) -> Watch:
        """Stop runs after an instruction that touches a range of virtual addresses.

        Parameters
        ----------
        va : int
            The first address.
        size : int
            Bytes.
        loads, stores : bool
            Which accesses count.

        Returns
        -------
        Watch
            Its `remove` ends it; so does the end of a `with` block.
        """
        return watch(self._engine, va, size, loads, stores)

    @property
    def instructions(self) -> int:
        """Instructions retired since the start."""
        return int(self._engine.retired)

    @property
    def closed(self) -> bool:
        """Whether `close` has been called."""
        return bool(self._engine.closed)

    def close(self) -> None:
        """Give the memory back now. Every later use raises RuntimeError; views of RAM stay valid."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
