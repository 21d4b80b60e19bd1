"""Running a machine within a budget: a part of Machine."""

from __future__ import annotations

from .. import arguments
from ..hart import Hart
from ..run_result import RunResult
from ..stepping import MOST, Stepping
from .console import SerialConsole
from .disk_file import DiskFile

_UNTIL = ("trap",)


class Running(Stepping):
    """The base of Machine that runs its harts."""

    harts: list[Hart]
    console: SerialConsole
    _disk_file: DiskFile | None

    def run(self, max_instructions: int = 100_000_000, *, until: str | None = None) -> RunResult:
        """Run until something stops the hart or the budget is used up.

        The GIL is released. Ctrl-C raises KeyboardInterrupt within 50 ms and leaves the hart between two
        instructions.

        Parameters
        ----------
        max_instructions : int
            The budget; the run stops exactly there.
        until : str, optional
            ``"trap"``: stop when one has been taken, at the handler's first instruction. A hart in a trap
            loop among others stops the run a few times and no more.

        Returns
        -------
        RunResult
            Reason ``"budget"``, ``"trap"``, ``"breakpoint"``, ``"watchpoint"``, ``"waiting"``,
            ``"trap_loop"``, ``"interrupted"``, ``"power_off"`` (with its exit_code) or ``"reset"``. Of
            several harts, one that waits or is in a trap loop ends no run as long as another goes on;
            `detail` names those in a trap loop.

        Raises
        ------
        RuntimeError
            When the machine is running already, on another thread.
        """
        budget = arguments.integer("max_instructions", max_instructions, 0, MOST)
        at_trap = until is not None and arguments.choice("until", until, _UNTIL) == "trap"
        self._engine.claim()
        try:
            return self._run(budget, at_trap)
        finally:
            self._engine.release_claim()
            if self._disk_file is not None:
                self._disk_file.write_changes()

    def _run(self, budget: int, at_trap: bool) -> RunResult:
        def piece(instructions: int) -> tuple[str, int]:
            outcome: tuple[str, int] = self._engine.run(instructions, at_trap)
            if self.console.stream:
                self.console.stream.show()
            return outcome

        reason, executed = self._run_in_pieces(budget, piece)
        number = self._engine.current_hart
        detail, exit_code, hit = "", None, None
        if reason == "trap":
            trap = self.harts[number].last_trap()
            detail = f"{trap['words']} at pc {trap['epc']:#x}, tval {trap['tval']:#x}"
        elif reason == "watchpoint":
            hit = self._watch_hit()
            detail = str(hit or "")
        elif reason == "power_off":
            exit_code = self._engine.exit_code
            detail = f"exit code {exit_code}"
        elif len(self.harts) > 1:
            detail = self._trap_loops()
        return RunResult(reason, executed, detail=detail, exit_code=exit_code, hart=number, watch=hit)

    def _trap_loops(self) -> str:
        """Which harts are in a trap loop, for people."""
        stuck = [f"{number} at {hart.pc:#x}" for number, hart in enumerate(self.harts) if hart.in_trap_loop]
        return f"in a trap loop: hart {', hart '.join(stuck)}" if stuck else ""

    def _at_breakpoint(self) -> bool:
        return self.harts[self._engine.current_hart].pc in self._engine.breakpoints
