"""Many events of a trace, counted in equal stretches of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import palette
from .lettering import power
from .sources import Array
from .trap_lanes import AXIS, TOP, WIDTH
from .trap_signs import KINDS, SIGNS, in_machine_mode

if TYPE_CHECKING:
    from .canvas import Canvas

_BINS = 320


def draw(canvas: Canvas, events: Array, ran: Array, pids: list[int]) -> tuple[float, float]:
    """Rows of small squares: how much of each stretch a process ran, and how many events of a kind it has."""
    start, end = int(events["time"][0]), int(events["time"][-1])
    span = max(end - start, 1)
    y = TOP
    place = np.minimum((events["time"].astype(np.int64) - start) * _BINS // span, _BINS - 1)
    rows: list[tuple[str, str, str, Array]] = []
    for pid in pids:
        rows.append(("U", f"pid {pid}", palette.BLUE, _share(ran[ran["pid"] == pid], start, span)))
    machine = in_machine_mode(events)
    for kind in KINDS:
        for mode, chosen in (("S", ~machine), ("M", machine)):
            mine = (events["kind"] == kind) & chosen
            if mine.any():
                counts = np.bincount(place[mine], minlength=_BINS).astype(np.float64)
                rows.append((mode, SIGNS[kind][2], SIGNS[kind][1], counts))
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
        canvas.text(AXIS - 10, y + 6, name, anchor="right", size=8.5)
        canvas.box(AXIS, y, WIDTH, 12, "wash", edge=None)
        canvas.strip(AXIS, y, WIDTH, 12, pixels, mark=f"row {mode} {name}")
        said = "" if mode == "U" else f"{power(int(values.sum()))}, at most {power(int(peak))}"
        if mode == "U":
            said = f"{100 * values.sum() / _BINS:.1f} % of the time"
        canvas.text(AXIS + WIDTH + 8, y + 6, said, size=8, colour="soft", mark=f"sum {mode} {name}")
        y += 17
    for part in range(5):
        x = AXIS + part * WIDTH / 4
        canvas.text(x, y + 6, power(start + span * part // 4), size=8, anchor="center", colour="soft")
    canvas.text(
        AXIS,
        y + 18,
        f"instructions; a column is {power(max(1, span // _BINS))} of them; a strong colour is many events",
        size=8,
        colour="soft",
    )
    return AXIS + WIDTH + 110, y + 26


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
