"""A machine as GDB sees it: harts that are threads, memory, and the places where they stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..board.boot import ROM
from ..constants import PGSIZE
from ..hart import Hart
from ..stops import Watch, WatchHit

Watched = Literal["watch", "rwatch", "awatch"]  # writes, reads, either
Kind = Literal["step", "breakpoint", "watchpoint", "interrupt", "beginning", "trap_loop", "exited"]


@dataclass(frozen=True)
class Stop:
    """Why the machine stopped, and on which hart.

    `kind` ``"beginning"`` is that of the history, when going backwards.
    """

    kind: Kind
    hart: int
    watched: Watched = "watch"
    address: int = 0  # that is watched
    exit_code: int = 0


class Target:
    """What GDB can ask of a machine while it stands still."""

    def __init__(self, machine: Any) -> None:
        self.machine = machine
        self.physical = False  # addresses are physical ones
        self._breakpoints: set[int] = set()  # that are ours, and not also the machine's own
        self._watches: dict[tuple[Watched, int, int], Watch] = {}

    @property
    def current(self) -> int:
        """Number of the hart whose turn it is."""
        return int(self.machine._engine.current_hart)

    def hart(self, number: int) -> Hart | None:
        """Return a hart by its number; None when there is none."""
        harts: list[Hart] = self.machine.harts
        return harts[number] if 0 <= number < len(harts) else None

    # -- memory ----------------------------------------------------------------------------------------------

    def read(self, hart: Hart, address: int, size: int) -> bytes:
        """Read memory as that hart sees it, unnoticed, up to the first byte that is absent."""
        data = b""
        while len(data) < size:
            at = (address + len(data)) % (1 << 64)
            piece = min(size - len(data), PGSIZE - at % PGSIZE)
            pa = self._physical(hart, at)
            found = None if pa is None else self._read_physical(pa, piece)
            if found is None:
                break
            data += found
        return data

    def write(self, hart: Hart, address: int, data: bytes) -> bool:
        """Write memory as that hart sees it, past permissions. False, with nothing done, if some is absent"""
        pieces, done = [], 0
        while done < len(data):
            at = (address + done) % (1 << 64)
            piece = min(len(data) - done, PGSIZE - at % PGSIZE)
            pa = self._physical(hart, at)
            if pa is None or pa not in self.machine.memory or pa + piece > self.machine.memory.end:
                return False
            pieces.append((pa, data[done : done + piece]))
            done += piece
        for pa, part in pieces:
            self.machine.memory.write(pa, part)
        return True

    def _physical(self, hart: Hart, address: int) -> int | None:
        table = None if self.physical or hart.privilege == "M" else hart.page_table
        return address if table is None else table.translate(address)

    def _read_physical(self, pa: int, size: int) -> bytes | None:
        try:
            return bytes(self.machine._engine.ram_read(pa, size))
        except IndexError:
            return self._read_rom(pa, size)

    def _read_rom(self, pa: int, size: int) -> bytes | None:
        loaded = self.machine._loaded
        found = loaded.rom[pa - ROM : pa - ROM + size] if loaded and pa >= ROM else b""
        return found or None

    # -- stops -----------------------------------------------------------------------------------------------

    def insert_breakpoint(self, address: int) -> None:
        """Stop before the instruction at `address`. A second time changes nothing."""
        if address not in self.machine.breakpoints:
            self.machine.breakpoints.add(address)
            self._breakpoints.add(address)

    def remove_breakpoint(self, address: int) -> None:
        """Stop there no longer, unless the machine's own user wants to."""
        if address in self._breakpoints:
            if address in self.machine.breakpoints:
                self.machine.breakpoints.remove(address)
            self._breakpoints.discard(address)

    def insert_watchpoint(self, kind: Watched, address: int, size: int) -> None:
        """Stop after an access to a range. A second time changes nothing."""
        key = (kind, address, size)
        if key not in self._watches:
            loads, stores = kind != "watch", kind != "rwatch"
            self._watches[key] = self.machine.watch(address, size, loads=loads, stores=stores)

    def remove_watchpoint(self, kind: Watched, address: int, size: int) -> None:
        """Watch a range no longer."""
        if watch := self._watches.get((kind, address, size)):
            watch.remove()
            del self._watches[kind, address, size]

    def remove_all(self) -> None:
        """Take away whatever GDB has left behind."""
        for address in list(self._breakpoints):
            self.remove_breakpoint(address)
        for key in list(self._watches):
            self.remove_watchpoint(*key)

    def watched_by(self, hit: WatchHit) -> tuple[Watched, int]:
        """Return the watchpoint that an access counts for: its kind, and the address that GDB knows it by."""
        other: Watched = "rwatch" if hit.access == "store" else "watch"
        for kind, address, size in self._watches:
            if kind != other and address < hit.va + hit.size and hit.va < address + size:
                return kind, address
        return "watch", hit.va
