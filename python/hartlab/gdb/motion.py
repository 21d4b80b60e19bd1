"""Ways forward: a machine that runs or steps for GDB, a piece at a time.

A motion's `advance` executes for some milliseconds and returns why the machine has stopped, or None while it
has not.
"""

from __future__ import annotations

from typing import Protocol

from ..hart import Hart
from ..run_result import RunResult
from .target import Stop, Target

PIECE = 500_000  # instructions between looks at the socket, one by one where there are breakpoints
_STEPS = 200  # single steps between looks
_INTERRUPT = 1 << 63


class Motion(Protocol):
    """What the machine is doing for GDB."""

    idle: bool  # the guest waits for what only somebody outside can bring

    def advance(self) -> Stop | None:
        """Go on for a piece."""


def stop_of(target: Target, result: RunResult) -> Stop | None:
    """Say what a run came to, for GDB; None when it can go on."""
    machine = target.machine
    if result.reason == "watchpoint" and result.watch is not None:
        watched, address = target.watched_by(result.watch)
        return Stop("watchpoint", result.hart, watched, address)
    if result.reason == "power_off":
        return Stop("exited", result.hart, exit_code=result.exit_code or 0)
    if result.reason == "interrupted":
        return Stop("interrupt", result.hart)
    if result.reason == "trap_loop":
        return Stop("trap_loop", result.hart)
    if result.reason == "reset":
        if machine._loaded is None:
            return Stop("interrupt", result.hart)
        machine.reset()
    # A run passes over a breakpoint where it begins, and so would the next.
    if result.reason == "breakpoint" or (result.instructions and machine._at_breakpoint()):
        return Stop("breakpoint", target.current)
    return None


class Continue:
    """Running until something stops the machine."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.idle = False

    def advance(self) -> Stop | None:
        """Go on for a piece."""
        result = self._target.machine.run(PIECE)
        self.idle = result.reason == "waiting"
        return stop_of(self._target, result)


class Step:
    """One instruction of a hart, or as many as it takes to leave a range of addresses.

    The harts keep their turns, so others may go on until it is this one's. An exception is a step: to the
    first instruction of its handler. An interrupt is none: its handler runs, and then the step is made, so
    that whoever steps through a function stays in it.
    """

    def __init__(self, target: Target, number: int, stay: range, enter_interrupts: bool) -> None:
        self._target = target
        self._hart: Hart = target.machine.harts[number]
        self._number = number
        self._stay = stay
        self._enter_interrupts = enter_interrupts
        self._interrupted: tuple[object, ...] | None = None  # where
        self.idle = False

    def advance(self) -> Stop | None:
        """Go on for a piece."""
        for _ in range(_STEPS):
            stop = self._one_step() if self._interrupted is None else self._handle_interrupt()
            if stop or self.idle or self._interrupted:
                return stop
        return None

    def _one_step(self) -> Stop | None:
        machine, before = self._target.machine, self._hart.instructions
        place = _place(self._hart)
        result = machine.run(1, until="trap")
        self.idle = result.reason == "waiting"
        if result.reason == "trap" and machine._at_breakpoint():
            return Stop("breakpoint", result.hart)
        if result.reason == "trap" and result.hart == self._number:
            if self._hart.last_trap()["cause"] & _INTERRUPT and not self._enter_interrupts:
                self._interrupted = place
                return None
            return Stop("step", self._number)
        stop = stop_of(self._target, result)
        if stop is None and self._hart.instructions != before and self._hart.pc not in self._stay:
            return Stop("step", self._number)
        return stop

    def _handle_interrupt(self) -> Stop | None:
        """Run until the interrupt's handler has come back."""
        machine, place = self._target.machine, self._interrupted
        assert place is not None
        back = place[0]
        ours = back not in machine.breakpoints
        if ours:
            machine.breakpoints.add(back)
        try:
            result = machine.run(PIECE)
            self.idle = result.reason == "waiting"
            stop = stop_of(self._target, result)
        finally:
            if ours:
                machine.breakpoints.remove(back)
        if stop is None or stop.kind != "breakpoint":
            return stop
        if stop.hart == self._number and _place(self._hart) == place:
            self._interrupted = None
            return None
        return None if ours and machine.harts[stop.hart].pc == back else stop


def _place(hart: Hart) -> tuple[object, ...]:
    """Say where a hart is, so that it can be told from another process at the same address."""
    return hart.pc, hart.privilege, hart.x.sp, hart.csrs["satp"]
