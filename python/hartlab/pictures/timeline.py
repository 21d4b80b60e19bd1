"""Traps on a line of time: who ran, what brought the kernel in, and what it did next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import words
from . import palette, sources
from .lettering import columns, power, printable
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("time", "kind", "what", "code", "pid", "value", "result")
_KINDS = ("syscall", "fault", "interrupt", "context_switch", "exec", "process_exit")
_SIGNS = {  # a sign and a colour for each kind, and what it is called
    "syscall": ("o", palette.BLUE, "system call"),
    "fault": ("^", palette.VERMILION, "fault"),
    "interrupt": ("s", palette.ORANGE, "interrupt"),
    "context_switch": ("D", palette.PURPLE, "switch"),
    "exec": ("P", palette.GREEN, "exec"),
    "process_exit": ("X", "ink", "exit"),
}
_SINGLE = 48  # events that are drawn one by one; more are counted
_BINS = 320
_AXIS, _WIDTH, _TOP, _LANE = 92.0, 600.0, 14.0, 24.0
_MOST_LANES = 10
_MACHINE = (3, 7, 11)  # interrupts that go to M-mode [priv table 3.6]


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
    events = every[np.isin(every["kind"], _KINDS)]
    ran = _runs(events)
    pids = _pids(events, ran)
    single = len(events) <= _SINGLE
    title = "A timeline of traps"

    def draw(canvas: Canvas) -> tuple[float, float]:
        if single:
            return _draw_single(canvas, events, ran, pids)
        return _draw_counted(canvas, events, ran, pids)

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


def _machine(events: Array) -> Array:
    """Which of the events are traps to M-mode."""
    number = events["code"] & np.uint64(0xFF)
    interrupt = (events["kind"] == "interrupt") & (events["code"] >> np.uint64(63) == 1)
    return np.asarray(interrupt & np.isin(number, _MACHINE))


def _label(event: Any) -> str:
    kind, what = str(event["kind"]), printable(event["what"], 26)
    if kind == "context_switch":
        return f"to pid {event['pid']}" if event["pid"] > 0 else "to nobody"
    if kind == "process_exit":
        return f"exit, status {np.int64(event['value'])}"
    if kind == "exec":
        return "exec" if np.int64(event["result"]) >= 0 else "exec fails"
    return what or kind


# -- in words ------------------------------------------------------------------------------------------------


def _alt(events: Array) -> str:
    if len(events) == 0:
        return "A timeline without events."
    kinds, counts = np.unique(events["kind"], return_counts=True)
    said = ", ".join(
        words.plural(int(n), _SIGNS[str(kind)][2]) for kind, n in zip(kinds, counts, strict=True)
    )
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
    modes = np.where(_machine(events), "M", "S")
    for number, event in enumerate(events[:_SINGLE]):
        ranned = f"+{power(took[number])}" if number in took else ""
        name = _SIGNS[str(event["kind"])][2]
        label = _label(event)
        said = (
            f"{name} {label}"
            if event["kind"] in ("syscall", "fault", "interrupt", "context_switch")
            else label
        )
        cells.append([power(int(event["time"])), ranned, str(modes[number]), str(event["pid"]), said])
    lines = columns(cells, "rrlrl")
    rest = len(events) - _SINGLE
    return f"{lines}\n... {power(rest)} more events" if rest > 0 else lines


# -- drawing -------------------------------------------------------------------------------------------------


def _lanes(canvas: Canvas, pids: list[int], width: float) -> tuple[dict[int, float], float, float]:
    """The lanes' names and lines; the middle of each process's, of S and of M."""
    y = _TOP + _LANE / 2
    lanes = {}
    for number, pid in enumerate(pids):
        lanes[pid] = y
        canvas.text(_AXIS - 10, y, f"pid {pid}", anchor="right", mark=f"lane U {pid}")
        if number == 0:
            canvas.text(0, y, "U", bold=True, size=11)
        canvas.line([(_AXIS, y), (_AXIS + width, y)], "wash", width=10)
        y += _LANE
    supervisor = y + 6
    machine = supervisor + _LANE
    for name, where, what in (("S", supervisor, "kernel"), ("M", machine, "machine")):
        canvas.text(0, where, name, bold=True, size=11)
        canvas.text(_AXIS - 10, where, what, anchor="right", mark=f"lane {name}")
        canvas.line([(_AXIS, where), (_AXIS + width, where)], "wash", width=10)
    return lanes, supervisor, machine


def _draw_single(canvas: Canvas, events: Array, ran: Array, pids: list[int]) -> tuple[float, float]:
    step = min(34.0, _WIDTH / max(len(events), 1))
    width = max(step * (len(events) + 0.5), 160)
    lanes, supervisor, machine = _lanes(canvas, pids, width)
    took = {int(run["event"]): run for run in ran}
    deep = _machine(events)
    if len(events) == 0:
        canvas.text(_AXIS + 10, supervisor, "no events", colour="soft")
    for number, event in enumerate(events):
        x = _AXIS + (number + 0.75) * step
        y = machine if deep[number] else supervisor
        lane = lanes.get(int(event["pid"]))
        run = took.get(number)
        if run is not None and lane is not None:
            count = int(run["end"] - run["start"])
            tip = f"pid {run['pid']} executes {words.plural(count, 'instruction')}"
            canvas.box(
                x - step * 0.95,
                lane - 5,
                step * 0.9,
                10,
                palette.SKY,
                edge=None,
                mark=f"run {number}",
                tip=tip,
            )
            if step >= 4.5 * len(power(count)) + 2:
                canvas.text(x - step / 2, lane, power(count), size=7, anchor="center", colour=palette.BLACK)
        if lane is not None and event["kind"] != "context_switch":
            canvas.line([(x, lane), (x, y)], "line")
        if event["kind"] == "context_switch" and lane is not None:
            canvas.line([(x, y), (x, lane + 5)], palette.PURPLE, width=1.2, arrow=True)
        _draw_sign(canvas, event, x, y, f"event {number}")
        _draw_label(canvas, event, x, machine + 12, number)
    bottom = machine + 18 + max((4.3 * len(_label(event)) for event in events), default=0)
    _draw_times(canvas, events, step, bottom + 4)
    return max(_AXIS + width, 560), _draw_legend(canvas, events, bottom + 24)


def _draw_label(canvas: Canvas, event: Any, x: float, y: float, number: int) -> None:
    canvas.text(x, y, _label(event), size=7.5, anchor="center", turn=90, mark=f"label {number}")


def _draw_times(canvas: Canvas, events: Array, step: float, y: float) -> None:
    """The time of an event, where it differs from the one before and there is room."""
    free = 0.0
    for number, event in enumerate(events):
        x = _AXIS + (number + 0.75) * step
        if number and event["time"] == events["time"][number - 1]:
            continue
        shown = power(int(event["time"]))
        if x - 2.3 * len(shown) >= free:
            canvas.text(x, y, shown, size=7.5, anchor="center", colour="soft")
            free = x + 2.3 * len(shown) + 4
    canvas.text(_AXIS - 10, y, "instructions", size=7.5, anchor="right", colour="soft")


def _draw_sign(canvas: Canvas, event: Any, x: float, y: float, mark: str) -> None:
    marker, colour, name = _SIGNS[str(event["kind"])]
    tip = f"{name} {_label(event)}, pid {event['pid']}, after {power(int(event['time']))} instructions"
    canvas.sign(x, y, marker, colour, mark=mark, tip=tip)


def _draw_legend(canvas: Canvas, events: Array, y: float) -> float:
    x = _AXIS
    for kind in _KINDS:
        count = int((events["kind"] == kind).sum())
        if count:
            marker, colour, name = _SIGNS[kind]
            canvas.sign(x + 4, y, marker, colour)
            said = f"{name} {power(count)}"
            canvas.text(x + 13, y, said, size=8, colour="soft", mark=f"count {kind}")
            x += 28 + 5 * len(said)
    return y + 10


def _draw_counted(canvas: Canvas, events: Array, ran: Array, pids: list[int]) -> tuple[float, float]:
    """Rows of small squares: how much of each stretch a process ran, and how many events of a kind it has."""
    start, end = int(events["time"][0]), int(events["time"][-1])
    span = max(end - start, 1)
    y = _TOP
    place = np.minimum((events["time"].astype(np.int64) - start) * _BINS // span, _BINS - 1)
    rows: list[tuple[str, str, str, Array]] = []
    for pid in pids:
        rows.append(("U", f"pid {pid}", palette.BLUE, _share(ran[ran["pid"] == pid], start, span)))
    machine = _machine(events)
    for kind in _KINDS:
        for mode, chosen in (("S", ~machine), ("M", machine)):
            mine = (events["kind"] == kind) & chosen
            if mine.any():
                counts = np.bincount(place[mine], minlength=_BINS).astype(np.float64)
                rows.append((mode, _SIGNS[kind][2], _SIGNS[kind][1], counts))
    rows.sort(key=lambda row: "USM".index(row[0]))
    shown = ""
    for mode, name, colour, values in rows:
        if mode != shown:
            canvas.text(0, y + 6, mode, bold=True, size=11)
            shown = mode
        peak = float(values.max(initial=0))
        pixels = np.zeros((1, _BINS, 4), dtype=np.float32)
        if colour == "ink":
            colour = palette.GREY
        pixels[0, :, :3] = palette.rgb(colour)
        pixels[0, :, 3] = np.where(values > 0, 0.25 + 0.75 * values / max(peak, 1e-9), 0)
        canvas.text(_AXIS - 10, y + 6, name, anchor="right", size=8.5)
        canvas.box(_AXIS, y, _WIDTH, 12, "wash", edge=None)
        canvas.strip(_AXIS, y, _WIDTH, 12, pixels, mark=f"row {mode} {name}")
        said = "" if mode == "U" else f"{power(int(values.sum()))}, at most {power(int(peak))}"
        if mode == "U":
            said = f"{100 * values.sum() / _BINS:.1f} % of the time"
        canvas.text(_AXIS + _WIDTH + 8, y + 6, said, size=8, colour="soft", mark=f"sum {mode} {name}")
        y += 17
    for part in range(5):
        x = _AXIS + part * _WIDTH / 4
        canvas.text(x, y + 6, power(start + span * part // 4), size=8, anchor="center", colour="soft")
    canvas.text(
        _AXIS,
        y + 18,
        f"instructions; a column is {power(max(1, span // _BINS))} of them; a strong colour is many events",
        size=8,
        colour="soft",
    )
    return _AXIS + _WIDTH + 110, y + 26


def _share(ran: Array, start: int, span: int) -> Array:
    """How much of each stretch of time the runs cover, from 0 to 1."""
    edges = start + span * np.arange(_BINS + 1) / _BINS
    starts, ends = ran["start"].astype(np.float64), ran["end"].astype(np.float64)
    done = np.concatenate([[0.0], np.cumsum(ends - starts)])

    def until(times: Array) -> Array:
        """How many instructions of the runs come before each time."""
        number = np.searchsorted(starts, times, side="right")
        full = done[np.maximum(number - 1, 0)]
        index = np.maximum(number - 1, 0)
        partly = np.clip(times - starts[index], 0, (ends - starts)[index]) if len(starts) else 0
        return np.where(number > 0, full + partly, 0)

    if len(ran) == 0:
        return np.zeros(_BINS)
    return np.diff(until(edges)) / (span / _BINS)
