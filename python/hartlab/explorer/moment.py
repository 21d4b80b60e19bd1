"""A state of a kernel as a person would ask about it: who is on the hart, where, with which registers."""

from __future__ import annotations

import functools
from typing import Any

from ..page_table import PageTable
from ..registers import X_NAMES
from ..snapshot import Snapshot
from ..table import Table

_MODES = {0: "U", 1: "S", 3: "M"}


class Moment:
    """One saved state, with what is asked of it more than once."""

    def __init__(self, state: Snapshot) -> None:
        self.state = state

    @functools.cached_property
    def processes(self) -> Table:
        """proc[]."""
        return self.state.processes()

    @functools.cached_property
    def frames(self) -> Table:
        """Who owns each frame, by address."""
        return self.state.frames()

    @functools.cached_property
    def _registers(self) -> dict[str, int]:
        return {str(each["name"]): int(each["value"]) for each in self.state.registers()}

    def process(self, pid: int) -> Any | None:
        """The row of a process; None when it is not there."""
        found = self.processes[self.processes["pid"] == pid]
        return found[0] if len(found) else None

    @property
    def current(self) -> int:
        """The pid of the process on the hart; 0 for none."""
        found = self.processes[self.processes["current"]]
        return int(found["pid"][0]) if len(found) else 0

    @property
    def mode(self) -> str:
        """The hart's privilege: U, S or M."""
        return _MODES[self._registers["privilege"]]

    def user_pc(self, pid: int) -> int:
        """The user instruction that a process executes next."""
        if self._on_hart(pid):
            return self._registers["pc" if self.mode == "U" else "sepc"]
        return self._trapframe(pid).get("epc", 0)

    def user_registers(self, pid: int) -> dict[str, int]:
        """Its registers: those of the hart until the kernel has saved them, of the trapframe from then on."""
        values = self._registers if self._on_hart(pid) else self._trapframe(pid)
        return {name: values.get(name, 0) for name in X_NAMES}

    def page_table(self, pid: int) -> PageTable:
        """Its page table."""
        return self.state.page_table_of(pid)

    def frame(self, pa: int) -> Any | None:
        """The row of a frame; None outside of RAM."""
        frames = self.frames
        index = (pa - int(frames["pa"][0])) // 4096 if len(frames) else -1
        return frames[index] if 0 <= index < len(frames) else None

    def _on_hart(self, pid: int) -> bool:
        if pid != self.current:
            return False
        # uservec, at stvec, is what saves the registers.
        return self.mode == "U" or self._registers["pc"] == self._registers["stvec"]

    def _trapframe(self, pid: int) -> dict[str, int]:
        rows = self.state._source.trapframe(pid)
        return {name: int(rows[0][name]) for name in rows.dtype.names or ()} if len(rows) else {}
