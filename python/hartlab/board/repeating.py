"""What decides a run of a board, on record and to be changed: turns of harts, what was typed; and back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np

from .. import arguments
from ..hart import Hart
from ..run_result import RunResult
from ..stepping import Stepping
from ..table import Table, as_table
from .console import SerialConsole

_LONGEST = (1 << 64) - 1


class Repeating(Stepping):
    """The base of Machine that has a run again, as it was or otherwise."""

    _config: dict[str, Any]
    harts: list[Hart]
    console: SerialConsole

    @property
    def schedule(self) -> Table:
        """The turns that harts have had since the start, the present one included.

        A copy, a row a turn: hart, and instructions, how long it is whether the hart executes or waits.
        Another machine that begins in the same way and is given these turns as ``schedule=`` does the same.
        Empty with one hart.

        Raises
        ------
        ValueError
            When there have been more than 16 million turns.
        """
        return as_table(self._engine.turn_table())

    def reschedule(self, turns: Any = (), *, seed: int | None = None, quantum: int | None = None) -> None:
        """End the present turn, and say whose turns follow.

        Boot once, and give each clone a seed of its own: each is another interleaving of what comes then.

        Parameters
        ----------
        turns : array or sequence of pairs
            Of hart and instructions, such as rows of `schedule`, changed at will: a hart may have several
            turns in a row, or none for a while.
        seed : int, optional
            Of the turns behind these; by default the machine's own.
        quantum : int, optional
            Instructions of the seed's turns, about; by default the machine's own.

        Raises
        ------
        ValueError
            When a turn is of a hart that there is not or has no instructions, or the machine has one hart.
        """
        numbers, lengths = _columns(turns)
        if seed is None:
            seed = self._config["seed"]
        if quantum is None:
            quantum = self._config["quantum"]
        if len(self.harts) == 1:
            raise ValueError("a machine with one hart has no turns: give it harts=2 or more")
        for number in numbers:
            arguments.integer("hart of a turn", number, 0, len(self.harts) - 1)
        for length in lengths:
            arguments.integer("instructions of a turn", length, 1, 1 << 48)
        self._changed()
        self._engine.change_schedule(
            numbers,
            lengths,
            arguments.integer("seed", seed, 0, _LONGEST),
            arguments.integer("quantum", quantum, 1, 1 << 32),
        )

    def replay(self, typed: Any, instructions: int | None = None) -> RunResult:
        """Run again, and type what was typed, each byte at its moment.

        A machine that begins in the same state then ends in the same state, to the bit. What else was done
        from outside meanwhile (memory, registers or the disk written to) is for the caller to do again.

        Parameters
        ----------
        typed : array
            `console.typed` of the machine that is repeated, or rows of it: what was typed before this
            machine's present moment is passed over.
        instructions : int, optional
            How far: the count of retired instructions, of all harts, at the end. By default to the last
            byte that was typed.

        Returns
        -------
        RunResult
            Of the last run. Reason ``"budget"`` when it got to the end.

        Raises
        ------
        ValueError
            When the machine stops before: it is not in the state in which the record began.
        """
        start = int(self._engine.retired)
        own = self._engine.typed_table()
        past = bytes(own["byte"][own["instructions"] == start])
        result = RunResult("budget", 0)
        for at, data in _moments(typed):
            if at < start:
                continue
            result = self._run_until(at)
            self.console.send(data.removeprefix(past) if at == start else data)
        if instructions is None:
            return result
        return self._run_until(arguments.integer("instructions", instructions, 0))

    def _run_until(self, count: int) -> RunResult:
        left = count - int(self._engine.retired)
        if left == 0:
            return RunResult("budget", 0)
        if left < 0:
            raise ValueError(
                f"the machine is at {self._engine.retired:,} instructions, which is behind {count:,} already"
            )
        result = self.run(left)
        if int(self._engine.retired) != count:
            raise ValueError(
                f"the machine has not come to {count:,} instructions but stopped at {self._engine.retired:,} "
                f"({result.why}): the record is of another beginning"
            )
        return result

    def back_to_last_write(self, pa: int, size: int = 8) -> Hart:
        """Run back to the last write to some bytes of RAM: who changed this PTE, this lock, this byte?

        The machine is then right before the instruction that writes them, itself or by a device that it
        starts. What Python has written is not found.

        Parameters
        ----------
        pa : int
            Physical address of the first byte.
        size : int
            Bytes.

        Returns
        -------
        Hart
            Whose next instruction it is: its `pc`, its registers, its `disassemble`.

        Raises
        ------
        LookupError
            When nothing on record writes them. The machine is where it was.
        IndexError
            When not all of these bytes are in RAM.
        """
        first, size = arguments.address("pa", pa), arguments.integer("size", size, 1, 1 << 40)
        self._engine.claim()
        try:
            found = self._last_write(first, size)
        finally:
            self._engine.release_claim()
        if found is None:
            raise LookupError(
                f"none of the {self._history.length():,} instructions on record writes to {first:#x}"
            )
        ago, number = found
        self.back(ago)
        return self.harts[number]

    def _last_write(self, first: int, size: int) -> tuple[int, int] | None:
        """How many instructions ago, and by which hart: sought on a clone, from the last checkpoint on."""
        behind = 0
        clone = None
        for stretch in reversed(self._history.stretches):
            end = int(self._engine.retired) if stretch.end is None else stretch.end
            stop = end
            for checkpoint in reversed(stretch.checkpoints):
                if clone is None:
                    clone = self._engine.twin(checkpoint.state)
                    clone.stop_at_write(first, size)
                else:
                    clone.restore(checkpoint.state)
                if found := _last_stop(clone, stop - checkpoint.retired):
                    return behind + end - found[0] + 1, found[1]
                stop = checkpoint.retired
            behind += end - stretch.start
        return None


def _last_stop(engine: Any, left: int) -> tuple[int, int] | None:
    """Run on; the count of instructions at the last write, and the hart."""
    found = None
    while left > 0:
        reason, executed = engine.run(left)
        left -= executed
        if reason == "watchpoint":
            found = int(engine.retired), int(engine.current_hart)
        elif reason not in ("output", "reset", "power_off") or executed == 0:
            break
    return found


def _columns(turns: Any) -> tuple[list[int], list[int]]:
    if isinstance(turns, np.ndarray) and turns.dtype.names is not None:
        if not {"hart", "instructions"} <= set(turns.dtype.names):
            raise ValueError(f"turns have hart and instructions, not {', '.join(turns.dtype.names)}")
        return turns["hart"].tolist(), turns["instructions"].tolist()
    try:
        pairs = [(hart, instructions) for hart, instructions in turns]
    except (TypeError, ValueError):
        raise TypeError(f"turns={turns!r} are no pairs of hart and instructions") from None
    return [hart for hart, _ in pairs], [length for _, length in pairs]


def _moments(typed: Any) -> Iterable[tuple[int, bytes]]:
    names = getattr(getattr(typed, "dtype", None), "names", None) or ()
    if not {"instructions", "byte"} <= set(names):
        raise TypeError("typed is console.typed of a machine: an array with instructions and byte")
    rows = zip(typed["instructions"].tolist(), typed["byte"].tolist(), strict=True)
    for at, group in groupby(rows, key=lambda row: row[0]):
        yield at, bytes(byte for _, byte in group)
