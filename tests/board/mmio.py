"""Loads and stores of a hart in M-mode, one at a time: how a driver sees a device."""

from __future__ import annotations

import hartlab as hl

RAM = 0x8000_0000
_CODE = RAM + 0x800
_LOADS = {1: "lbu", 2: "lhu", 4: "lwu", 8: "ld"}
_STORES = {1: "sb", 2: "sh", 4: "sw", 8: "sd"}


class Driver:
    """Reads and writes physical addresses of a machine; a bus error is None, or False."""

    def __init__(self, machine: hl.Machine | None = None, **options: object) -> None:
        self.machine = (
            hl.Machine("1MiB", code=hl.asm("loop: j loop"), **options) if machine is None else machine
        )
        code = [f"{name} a1, 0(a0)" for name in (*_LOADS.values(), *_STORES.values())]
        self.machine.memory.write(_CODE, hl.asm("; ".join(code)))
        self._at = {name: _CODE + 4 * n for n, name in enumerate((*_LOADS.values(), *_STORES.values()))}

    @property
    def hart(self) -> hl.Hart:
        """The one whose turn it is, or just was."""
        return self.machine.harts[self.machine._engine.current_hart]

    def _execute(self, hart: hl.Hart, name: str, pa: int) -> bool:
        hart.x["a0"], hart.pc = pa, self._at[name]
        result = self.machine.run(1, until="trap")
        while hart.pc == self._at[name]:  # it was another's turn
            result = self.machine.run(1, until="trap")
        hart.pc = RAM
        return result.reason != "trap"

    def read(self, pa: int, size: int = 4) -> int | None:
        hart = self.hart
        return int(hart.x["a1"]) if self._execute(hart, _LOADS[size], pa) else None

    def write(self, pa: int, value: int, size: int = 4) -> bool:
        hart = self.hart
        hart.x["a1"] = value
        return self._execute(hart, _STORES[size], pa)
