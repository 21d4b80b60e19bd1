"""What an explorer shows at its position, as plain data: a part of Explorer."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import words
from ..diff import diff
from ..programs import Programs
from ..table import Table
from . import code, events, pages, variables
from .moment import Moment
from .recording import Recording

_LISTED = 6  # events that are listed before the present one, and behind it
_LIFE = 4  # ... of a frame
_FEW = 12  # lines that say what changed


class Viewing:
    """The base of Explorer that looks."""

    events: Table
    dropped: int
    hidden: set[str]
    _programs: Programs
    _recording: Recording
    _position: int
    _pid: int | None
    _va: int | None
    _pc: int | None
    _kinds: dict[str, int]
    _codes: Any
    _listed: tuple[set[str], Any]
    _watched: dict[str, variables.Variable]
    _moments: dict[int, Moment]

    @property
    def pid(self) -> int:
        """The process that is shown: the one that was selected, while it is there, or the one on the hart."""
        now = self._moment(self._position)
        if self._pid is not None and now.process(self._pid) is not None:
            return self._pid
        if now.current:
            return now.current
        event = self._event()
        pid = 0 if event is None else int(event["pid"])
        if now.process(pid) is not None:
            return pid
        return int(now.processes["pid"][-1]) if len(now.processes) else 0

    def _shown(self) -> Any:
        """The numbers of the events that are not hidden."""
        if self._listed[0] != self.hidden:
            shown = np.array([kind not in self.hidden for kind in self._kinds], dtype=bool)
            self._listed = (set(self.hidden), np.flatnonzero(shown[self._codes]))
        return self._listed[1]

    def __len__(self) -> int:
        return len(self._recording)

    def view(self) -> dict[str, Any]:
        """Say all that is shown, as plain data.

        Returns
        -------
        dict
            Of texts, numbers, lists and dicts; addresses are texts.
        """
        here, pid = self._position, self.pid
        now, before = self._moment(here), self._before()
        event = self._event()
        changes = diff(before.state, now.state) if before else None
        made_by = None if event is None else self._recording.made_by(here)
        return {
            "position": here,
            "last": len(self),
            "dropped": self.dropped,
            "time": now.state.instructions,
            "mode": now.mode,
            "free_pages": now.state.free_pages,
            "event": None
            if event is None
            else events.row(here, event)
            | {
                "result": events.result(event),
                "made_by": events.call(*made_by) if made_by else "",
                "table_of": pages.table_of(now, int(event["pa"])) if event["kind"] == "pte_write" else None,
            },
            "changes": self._changes(changes, now),
            "kinds": [
                {"kind": kind, "count": count, "hidden": kind in self.hidden}
                for kind, count in sorted(self._kinds.items())
            ],
            "events": self._list(pid),
            "processes": self._processes(now),
            "pid": pid,
            "follows": self._pid is None,
            "watches": [variables.describe(each, before, now, pid) for each in self._watched.values()],
            **self._of_process(pid, before, now, changes),
        }

    def _of_process(self, pid: int, before: Moment | None, now: Moment, changes: Any) -> dict[str, Any]:
        """Its memory, its code and its registers."""
        if now.process(pid) is None:
            return {
                "areas": [],
                "frame": None,
                "code": [],
                "instruction": None,
                "source": None,
                "registers": [],
            }
        changed = (
            set() if changes is None else {int(va) for va in changes.ptes[changes.ptes["pid"] == pid]["va"]}
        )
        here = code.Code(self._programs, now, pid, now.user_pc(pid))
        was = before.user_registers(pid) if before and before.process(pid) is not None else None
        registers = now.user_registers(pid)
        instructions = here.instructions(self._pc)
        return {
            "areas": pages.areas(now, pid, changed, self._va),
            "frame": None if self._va is None else self._frame(now, pid, self._va),
            "code": instructions,
            "pc": f"{here.pc:#x}",
            "symbol": here.symbol(here.pc),
            "instruction": next((each for each in instructions if each["selected"]), None),
            "source": here.source(here.pc if self._pc is None else self._pc, registers["ra"]),
            "registers": code.registers(was, registers),
        }

    def _frame(self, now: Moment, pid: int, va: int) -> dict[str, Any]:
        """A frame, with the events of its life that are nearest."""
        frame = pages.frame(now, pid, va)
        numbers = [] if frame["pa"] is None else events.of_frame(self.events, int(frame["pa"], 0))
        first = max(0, min(int(np.searchsorted(numbers, self._position)) - _LIFE, len(numbers) - 2 * _LIFE))
        near = [int(number) for number in numbers[first : first + 2 * _LIFE]]
        life = [
            events.row(number, self.events[number]) | {"here": number == self._position} for number in near
        ]
        return frame | {"life": life, "more": len(numbers) - len(life)}

    def _processes(self, now: Moment) -> list[dict[str, Any]]:
        return [
            {
                "pid": int(each["pid"]),
                "name": str(each["name"]) or "(being made)",
                "state": str(each["state"]) + (f" in {each['waits_in']}" if each["waits_in"] else ""),
                "size": words.size(int(each["sz"])),
                "parent": int(each["parent"]),
                "current": bool(each["current"]),
            }
            for each in now.processes
        ]

    def _list(self, pid: int) -> list[dict[str, Any]]:
        """The events around this one, with what watched variables hold at each."""
        shown = self._shown()
        at = int(np.searchsorted(shown, self._position, "left"))
        first = max(0, min(at - _LISTED, len(shown) - 2 * _LISTED))
        numbers = [int(number) for number in shown[first : first + 2 * _LISTED + 1]]
        if self._position < len(self) and self._position not in numbers:  # of a kind that is hidden
            numbers = sorted([*numbers, self._position])
        return [
            events.row(number, self.events[number])
            | {
                "here": number == self._position,
                "values": [each.value(self._moment(number), pid) for each in self._watched.values()],
            }
            for number in numbers
        ]

    def _changes(self, changes: Any, now: Moment) -> list[str]:
        if changes is None:
            return []
        lines = [line.replace("to lost", f"to {pages.owner('lost', now.mode)}") for line in changes.words]
        return lines[:_FEW] + ([f"and {len(lines) - _FEW} more"] if len(lines) > _FEW else [])

    def _event(self) -> Any | None:
        return self.events[self._position] if self._position < len(self) else None

    def _moment(self, position: int) -> Moment:
        if position not in self._moments:
            if len(self._moments) > 4 * _LISTED:
                self._moments.clear()
            self._moments[position] = Moment(self._recording.state(position))
        return self._moments[position]

    def _before(self) -> Moment | None:
        """The state at the event before, of whatever kind; None before the first that is on record."""
        if self._position == 0 and self.dropped:
            return None
        return self._moment(self._position - 1)
