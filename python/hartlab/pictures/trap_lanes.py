"""Events of a trace one by one, in lanes of U-mode, S-mode and M-mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import words
from . import palette
from .lettering import power
from .sources import Array
from .trap_signs import KINDS, SIGNS, in_machine_mode, label

if TYPE_CHECKING:
    from .canvas import Canvas

AXIS: Final = 92.0
WIDTH: Final = 600.0
TOP: Final = 14.0
_LANE = 24.0


def draw(canvas: Canvas, events: Array, ran: Array, pids: list[int]) -> tuple[float, float]:
    """Draw them evenly spaced, with the instructions between them."""
    step = min(34.0, WIDTH / max(len(events), 1))
    width = max(step * (len(events) + 0.5), 160)
    lanes, supervisor, machine = _lanes(canvas, pids, width)
    took = {int(run["event"]): run for run in ran}
    deep = in_machine_mode(events)
    if len(events) == 0:
        canvas.text(AXIS + 10, supervisor, "no events", colour="soft")
    for number, event in enumerate(events):
        x = AXIS + (number + 0.75) * step
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
    bottom = machine + 18 + max((4.3 * len(label(event)) for event in events), default=0)
    _draw_times(canvas, events, step, bottom + 4)
    return max(AXIS + width, 560), _draw_legend(canvas, events, bottom + 24)


def _lanes(canvas: Canvas, pids: list[int], width: float) -> tuple[dict[int, float], float, float]:
    """The lanes' names and lines; the middle of each process's, of S and of M."""
    y = TOP + _LANE / 2
    lanes = {}
    for number, pid in enumerate(pids):
        lanes[pid] = y
        canvas.text(AXIS - 10, y, f"pid {pid}", anchor="right", mark=f"lane U {pid}")
        if number == 0:
            canvas.text(0, y, "U", bold=True, size=11)
        canvas.line([(AXIS, y), (AXIS + width, y)], "wash", width=10)
        y += _LANE
    supervisor = y + 6
    machine = supervisor + _LANE
    for name, where, what in (("S", supervisor, "kernel"), ("M", machine, "machine")):
        canvas.text(0, where, name, bold=True, size=11)
        canvas.text(AXIS - 10, where, what, anchor="right", mark=f"lane {name}")
        canvas.line([(AXIS, where), (AXIS + width, where)], "wash", width=10)
    return lanes, supervisor, machine


def _draw_label(canvas: Canvas, event: Any, x: float, y: float, number: int) -> None:
    canvas.text(x, y, label(event), size=7.5, anchor="center", turn=90, mark=f"label {number}")


def _draw_times(canvas: Canvas, events: Array, step: float, y: float) -> None:
    """The time of an event, where it differs from the one before and there is room."""
    free = 0.0
    for number, event in enumerate(events):
        x = AXIS + (number + 0.75) * step
        if number and event["time"] == events["time"][number - 1]:
            continue
        shown = power(int(event["time"]))
        if x - 2.3 * len(shown) >= free:
            canvas.text(x, y, shown, size=7.5, anchor="center", colour="soft")
            free = x + 2.3 * len(shown) + 4
    canvas.text(AXIS - 10, y, "instructions", size=7.5, anchor="right", colour="soft")


def _draw_sign(canvas: Canvas, event: Any, x: float, y: float, mark: str) -> None:
    marker, colour, name = SIGNS[str(event["kind"])]
    tip = f"{name} {label(event)}, pid {event['pid']}, after {power(int(event['time']))} instructions"
    canvas.sign(x, y, marker, colour, mark=mark, tip=tip)


def _draw_legend(canvas: Canvas, events: Array, y: float) -> float:
    x = AXIS
    for kind in KINDS:
        count = int((events["kind"] == kind).sum())
        if count:
            marker, colour, name = SIGNS[kind]
            canvas.sign(x + 4, y, marker, colour)
            said = f"{name} {power(count)}"
            canvas.text(x + 13, y, said, size=8, colour="soft", mark=f"count {kind}")
            x += 28 + 5 * len(said)
    return y + 10
