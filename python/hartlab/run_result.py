"""What a run came to."""

from __future__ import annotations

from dataclasses import dataclass

from . import words
from .stops import WatchHit

_REASONS = {
    "budget": "the budget of instructions is used up",
    "work": "the kernel's own work has used up its budget",
    "finished": "every process but init has ended",
    "idle": "every process sleeps, and only input could wake one",
    "trap": "a trap was taken that the kernel has not handled yet",
    "syscall": "a process is about to make a system call",
    "exit": "a process has just exited",
    "switch": "another process is about to run",
    "breakpoint": "the next instruction has a breakpoint",
    "watchpoint": "the last instruction touched a watched address",
    "waiting": "the hart waits for an interrupt that nothing will raise",
    "interrupted": "stop() was called",
    "power_off": "the guest has switched the power off",
    "reset": "the guest has asked for a reset",
    "output": "the console has printed what was waited for",
    "trap_loop": "the first instruction of a trap handler traps into that handler, for ever",
}


@dataclass(frozen=True)
class RunResult:
    """Why a run ended, and what it cost.

    Attributes
    ----------
    reason : str
        ``"budget"``, ``"work"``, ``"finished"``, ``"idle"``, ``"trap"``, ``"syscall"``, ``"exit"``,
        ``"switch"``, ``"breakpoint"``, ``"watchpoint"``, ``"waiting"``, ``"interrupted"``, ``"trap_loop"``,
        ``"power_off"`` or ``"reset"``.
    instructions : int
        Retired during the run.
    work : int
        Units of work of the kernel's own functions: a page, table or struct that a loop looked at is one.
    traps : int or None
        Taken during the run; None of a Machine, which does not count them (`Machine.tracing` lists them).
    pid : int
        The process that it concerns, or that was running; 0 for none.
    exit_code : int or None
        Of reason ``"power_off"``: what the guest gave with it.
    hart : int
        Number of the hart that it stopped on.
    watch : WatchHit or None
        Of reason ``"watchpoint"``: the access.
    detail : str
        More, for people: who waits for what, or what was touched.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.Kernel().run().reason
    'finished'
    """

    reason: str
    instructions: int
    work: int = 0
    traps: int | None = None
    pid: int = 0
    detail: str = ""
    exit_code: int | None = None
    hart: int = 0
    watch: WatchHit | None = None

    @property
    def why(self) -> str:
        """The reason in words."""
        return _REASONS.get(self.reason, self.reason)

    def __repr__(self) -> str:
        cost = words.plural(self.instructions, "instruction")
        if self.traps is not None:
            cost += f", {words.plural(self.traps, 'trap')}"
        who = f" (pid {self.pid})" if self.pid else ""
        more = f"; {self.detail}" if self.detail else ""
        return f"<RunResult {self.reason}: {self.why}{who} after {cost}{more}>"
