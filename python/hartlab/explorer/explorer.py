"""The explorer without a screen: a position among the events, what is selected, and what there is to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, words
from ..snapshot import Snapshot
from ..table import Table
from . import events, page, variables
from .moment import Moment
from .recording import Recording
from .viewing import Viewing

if TYPE_CHECKING:
    from ..kernel import Kernel

_SOUGHT = 2000  # events that are looked at for a change


class Explorer(Viewing):
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

    # -- what ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Snapshot:
        """The state at this position: processes, page tables, frames, registers, as of any snapshot.

        The kernel may be in the middle of a call then. `Kernel.restore` is for what `Kernel.snapshot` gives.
        """
        return self._recording.state(self._position)

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

    def step_to_change(self, what: str, n: int = 1) -> int:
        """Go to the next event at which a watched variable has changed, or back to the last one.

        Parameters
        ----------
        what : str
            As it was given to `watch`.
        n : int
            1 goes on, -1 goes back.

        Returns
        -------
        int
            The position.

        Raises
        ------
        KeyError
            When it is not watched.
        LookupError
            When it does not change among the next 2,000 events; the position stays.
        """
        if what not in self._watched:
            raise KeyError(f"{what!r} is not watched; watched are {', '.join(self._watched) or 'none'}")
        way, here = (1 if arguments.integer("n", n) > 0 else -1), self._position
        pid = self.pid if self._pid is None else self._pid  # who was selected, though he may be gone
        variable, first = self._watched[what], 0 if not self.dropped else 1

        def changed(position: int) -> bool:
            before, after = self._moment(position - 1), self._moment(position)
            return variable.value(before, pid) != variable.value(after, pid)

        last = min(here + _SOUGHT, len(self)) + 1 if way > 0 else max(here - _SOUGHT, first) - 1
        found = next((position for position in range(here + way, last, way) if changed(position)), None)
        if found is None:
            where = "next" if way > 0 else "last"
            events = words.plural(abs(last - here - way), "event")
            raise LookupError(f"{what} of pid {pid} does not change within the {where} {events}")
        self._position = found
        return found

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
    if not isinstance(value, str):
        return arguments.address(name, value)
    try:
        return arguments.address(name, int(value, 0)) if value else None
    except ValueError:
        raise ValueError(f"{name}={value!r} is no address; write 0x1000, say") from None
