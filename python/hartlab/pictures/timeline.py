"""Traps on a line of time: who ran, what brought the kernel in, and what it did next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import words
from . import sources, trap_counts, trap_lanes
from .lettering import columns, power
from .picture import Picture
from .sources import Array
from .trap_signs import KINDS, SIGNS, in_machine_mode, label

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("time", "kind", "what", "code", "pid", "value", "result")
_SINGLE = 48  # events that are drawn one by one; more are counted
_MOST_LANES = 10


def timeline(trace: Any) -> Picture:
    """Draw a trace as lanes: U-mode with a lane for each process, S-mode where its traps go, and M-mode.

    Up to 48 events are drawn one by one, evenly spaced, with the instructions between them; of more it is
    counted how many fall into each of 320 equal stretches of time.

    Parameters
    ----------
    trace : Kernel, Tracing or Table
        A kernel that is being traced, what ``kernel.tracing()`` gave, or a table of events, or some rows of
        one.

    Returns
    -------
    Picture
        Its `data`: events (those of the trace that are drawn) and runs (pid, start, end: who executed
        instructions from when to when).

    Raises
    ------
    TypeError
        When there is no trace.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> proc = kernel.spawn(code=hl.asm("li a7, 11; ecall; li a7, 2; ecall"), name="two")
    >>> with kernel.tracing() as tracing:
    ...     result = kernel.run(until="exit")
    >>> print(hl.pictures.timeline(tracing).alt)
    A timeline of 8 events of 2 processes, from 0 to 9 instructions: 2 switches, 1 exec, 1 exit, ...
    """
    method = "table" if hasattr(trace, "table") and not isinstance(trace, np.ndarray) else "trace"
    every = sources.rows("trace", trace, method, _NEEDED)
    events = every[np.isin(every["kind"], KINDS)]
    ran = _runs(events)
    pids = _pids(events, ran)
    single = len(events) <= _SINGLE
    title = "A timeline of traps"

    def draw(canvas: Canvas) -> tuple[float, float]:
        if single:
            return trap_lanes.draw(canvas, events, ran, pids)
        return trap_counts.draw(canvas, events, ran, pids)

    return Picture(
        draw,
        title=title,
        alt=_alt(events),
        text=_text(events, ran),
        data={"events": events, "runs": ran},
    )


def _runs(events: Array) -> Array:
    """Who executed the instructions between one event and the next: the process that trapped at its end."""
    kinds = [("pid", "i4"), ("start", "u8"), ("end", "u8"), ("event", "i4")]
    traps = np.isin(events["kind"], ("syscall", "fault", "interrupt"))
    times = events["time"].astype(np.int64)
    before = np.concatenate([times[:1], times[:-1]])
    took = np.flatnonzero(traps & (times > before))
    made = np.empty(len(took), dtype=kinds)
    made["pid"], made["start"], made["end"] = events["pid"][took], before[took], times[took]
    made["event"] = took
    return made


def _pids(events: Array, ran: Array) -> list[int]:
    pids, counts = np.unique(np.concatenate([ran["pid"], events["pid"]]), return_counts=True)
    busiest = np.argsort(-counts, kind="stable")[:_MOST_LANES]
    return sorted(int(pid) for pid in pids[busiest] if pid > 0)


# -- in words ------------------------------------------------------------------------------------------------


def _alt(events: Array) -> str:
    if len(events) == 0:
        return "A timeline without events."
    kinds, counts = np.unique(events["kind"], return_counts=True)
    said = ", ".join(words.plural(int(n), SIGNS[str(kind)][2]) for kind, n in zip(kinds, counts, strict=True))
    start, end = int(events["time"][0]), int(events["time"][-1])
    pids = sorted(set(events["pid"][events["pid"] > 0].tolist()))
    who = f"of process {pids[0]}" if len(pids) == 1 else f"of {len(pids)} processes"
    return (
        f"A timeline of {words.plural(len(events), 'event')} {who}, from {power(start)} to {power(end)} "
        f"instructions: {said}."
    )


def _text(events: Array, ran: Array) -> str:
    if len(events) == 0:
        return "no events"
    took = {int(run["event"]): int(run["end"] - run["start"]) for run in ran}
    cells = [["time", "ran", "mode", "pid", "event"]]
    modes = np.where(in_machine_mode(events), "M", "S")
    for number, event in enumerate(events[:_SINGLE]):
        ranned = f"+{power(took[number])}" if number in took else ""
        name = SIGNS[str(event["kind"])][2]
        said = label(event)
        if event["kind"] in ("syscall", "fault", "interrupt", "context_switch"):
            said = f"{name} {said}"
        cells.append([power(int(event["time"])), ranned, str(modes[number]), str(event["pid"]), said])
    lines = columns(cells, "rrlrl")
    rest = len(events) - _SINGLE
    return f"{lines}\n... {power(rest)} more events" if rest > 0 else lines
