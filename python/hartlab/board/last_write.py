"""Back to the last write: who changed this PTE, this lock, this byte?"""

from __future__ import annotations

from typing import Any

from .. import arguments
from ..hart import Hart
from ..stepping import Stepping

_LOOKS_AT_THE_END = ("output", "reset", "power_off")  # for which a run may stop before it is over


class LastWrite(Stepping):
    """The base of Machine that goes back to a write."""

    harts: list[Hart]

    def back_to_last_write(self, va: int, size: int = 8) -> Hart:
        """Run back to the last store to some bytes of memory.

        The machine is then right before the instruction that stores. What a device or Python has written is
        not found.

        Parameters
        ----------
        va : int
            The first address, as the hart that stores uses it: virtual where there is paging.
        size : int
            Bytes.

        Returns
        -------
        Hart
            Whose next instruction it is: its `pc`, its registers, its `disassemble`.

        Raises
        ------
        LookupError
            When nothing on record stores there. The machine is where it was.
        """
        va, size = arguments.address("va", va), arguments.integer("size", size, 1, 1 << 30)
        self._engine.claim()
        try:
            found = self._last_write(va, size)
        finally:
            self._engine.release_claim()
        if found is None:
            raise LookupError(
                f"none of the {self._history.length():,} instructions on record stores to {va:#x}"
            )
        ago, number = found
        self.back(ago)
        return self.harts[number]

    def _last_write(self, va: int, size: int) -> tuple[int, int] | None:
        """How many instructions ago, and by which hart: sought on a clone, from the last checkpoint on."""
        clone, behind = None, 0
        for stretch in reversed(self._history.stretches):
            end = int(self._engine.retired) if stretch.end is None else stretch.end
            stop = end
            for checkpoint in reversed(stretch.checkpoints):
                if clone is None:
                    clone = self._engine.twin(checkpoint.state)
                    clone.watchpoints = [(va, size, False, True)]
                else:
                    clone.restore(checkpoint.state)
                if found := _last_stop(clone, stop - checkpoint.retired):
                    return behind + end - found[0] + 1, found[1]
                stop = checkpoint.retired
            behind += end - stretch.start
        return None


def _last_stop(engine: Any, left: int) -> tuple[int, int] | None:
    """Run on; the count of instructions at the last store, and the hart."""
    found = None
    while left > 0:
        reason, executed = engine.run(left)
        left -= executed
        if reason == "watchpoint":
            found = int(engine.retired), int(engine.current_hart)
        elif reason not in _LOOKS_AT_THE_END or executed == 0:
            break
    return found
