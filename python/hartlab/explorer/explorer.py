"""The explorer without a screen: a position among the events, what is selected, and what there is to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, words
from ..diff import diff
from ..snapshot import Snapshot
from ..table import Table
from . import code, events, page, pages, variables
from .moment import Moment
from .recording import Recording

if TYPE_CHECKING:
    from ..kernel import Kernel

_LISTED = 6  # events that are listed before the present one, and behind it
_FEW = 12  # lines that say what changed


class Explorer:
    """All that a kernel has done, to be gone through event by event, both ways.

    What is shown at event n is the state of the machine once that event has been recorded: kernel events are
    recorded when what they say is done, but a system call, a fault and an interrupt as they begin; what the
    hart tells of (the TLB learning a page) counts once the instruction is done. The position behind the last
    event is the present. The kernel itself is neither changed nor run.

    In a notebook it is something to click on, where `anywidget` is installed, and a still picture elsewhere.

    Attributes
    ----------
    events : Table
        The events, as `Kernel.trace` gives them.
    dropped : int
        How many came before the first of these.
    hidden : set of str
        Kinds of events that `step` and the list leave out.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(memory="4MiB")
    >>> proc = kernel.spawn(code=hl.asm("li a7, 11; ecall; j ."), name="asks")
    >>> result = kernel.run(100)
    >>> explorer = hl.explore(kernel)
    >>> explorer.position = 0
    >>> explorer.state.free_pages - kernel.free_pages > 0
    True
    >>> explorer
    <Explorer: event 0 of ...: kalloc() gives 0x...>
    """

    def __init__(self, kernel: Kernel, capacity: int, instructions: int) -> None:
        self._programs = kernel._programs
        self._end = kernel.end
        self._recording = Recording(kernel, capacity, instructions)
        self.events: Table = self._recording.events
        self.dropped: int = self._recording.dropped
        kinds, first, self._codes, counts = np.unique(
            self.events["kind_code"], return_index=True, return_inverse=True, return_counts=True
        )
        names = self.events["kind"][first].tolist() if len(kinds) else []
        self._kinds: dict[str, int] = dict(zip(names, counts.tolist(), strict=True))
        self.hidden: set[str] = set(events.TLB_KINDS) if self._kinds.keys() - set(events.TLB_KINDS) else set()
        self._listed: tuple[set[str], Any] = (set(), np.arange(len(self.events)))
        self._position = len(self._recording)
        self._pid: int | None = None
        self._va: int | None = None
        self._pc: int | None = None
        self._watched: dict[str, variables.Variable] = {}
        self._moments: dict[int, Moment] = {}

    # -- where -----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._recording)

    @property
    def position(self) -> int:
        """The number of the event that is looked at, from 0; ``len(explorer)`` is the present."""
        return self._position

    @position.setter
    def position(self, value: int) -> None:
        self._position = arguments.integer("position", value, 0, len(self))

    def step(self, n: int = 1) -> int:
        """Go on by a few events that are not hidden, or back.

        Parameters
        ----------
        n : int
            How many; negative goes back. It stops at the first event, and at the present.

        Returns
        -------
        int
            The position.
        """
        n = arguments.integer("n", n)
        shown = self._shown()
        if n > 0:
            index = int(np.searchsorted(shown, self._position, "right")) + n - 1
            self._position = int(shown[index]) if index < len(shown) else len(self)
        elif n < 0 and len(shown):
            index = int(np.searchsorted(shown, self._position, "left")) + n
            self._position = int(shown[max(index, 0)])
        return self._position

    def _shown(self) -> Any:
        """The numbers of the events that are not hidden."""
        if self._listed[0] != self.hidden:
            shown = np.array([kind not in self.hidden for kind in self._kinds], dtype=bool)
            self._listed = (set(self.hidden), np.flatnonzero(shown[self._codes]))
        return self._listed[1]

    # -- what ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Snapshot:
        """The state at this position: processes, page tables, frames, registers, as of any snapshot.

        The kernel may be in the middle of a call then. `Kernel.restore` is for what `Kernel.snapshot` gives.
        """
        return self._recording.state(self._position)

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

    def select(
        self, *, pid: int | None = None, va: int | str | None = None, pc: int | str | None = None
    ) -> None:
        """Select what is shown.

        Parameters
        ----------
        pid : int, optional
            A process; 0 for whichever is on the hart.
        va : int or str, optional
            An address of it, to see the frame behind it; ``""`` for none.
        pc : int or str, optional
            The address of an instruction of it; ``""`` for none.
        """
        if pid is not None:
            self._pid = arguments.integer("pid", pid, 0, (1 << 31) - 1) or None
            self._va = self._pc = None
        if va is not None:
            self._va = _address("va", va)
        if pc is not None:
            self._pc = _address("pc", pc)

    def watch(self, what: int | str) -> None:
        """Show a variable at every event.

        Parameters
        ----------
        what : int or str
            A global variable of the program, ``"counter"`` or ``"prog:counter"``; a virtual address, with
            its size behind a stroke if that is not 8, ``"0x5000/4"``; a variable of the kernel,
            ``"kernel:ticks"``.

        Raises
        ------
        KeyError
            When there is no such variable.
        """
        process = self._moment(self._position).process(self.pid)
        text = what if isinstance(what, str) else hex(arguments.address("what", what))
        found = variables.find(
            text, self._programs, self._end, "" if process is None else str(process["name"])
        )
        self._watched[found.name] = found

    def unwatch(self, what: str) -> None:
        """Show a variable no longer.

        Parameters
        ----------
        what : str
            As it was given to `watch`.
        """
        self._watched.pop(what.strip(), None)

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
            "frame": None if self._va is None else pages.frame(now, pid, self._va),
            "code": instructions,
            "pc": f"{here.pc:#x}",
            "symbol": here.symbol(here.pc),
            "instruction": next((each for each in instructions if each["selected"]), None),
            "source": here.source(here.pc if self._pc is None else self._pc, registers["ra"]),
            "registers": code.registers(was, registers),
        }

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

    # -- how it shows itself ---------------------------------------------------------------------------------

    def __repr__(self) -> str:
        event = self._event()
        if event is None:
            return f"<Explorer: the present, after {words.plural(len(self), 'event')}>"
        return f"<Explorer: event {self._position} of {len(self):,}: {events.sentence(event)}>"

    def _repr_html_(self) -> str:
        return page.still(self.view())

    def _ipython_display_(self) -> None:
        from .widget import show

        show(self)


def _address(name: str, value: int | str) -> int | None:
    if isinstance(value, str):
        return int(value, 0) if value else None
    return arguments.address(name, value)
