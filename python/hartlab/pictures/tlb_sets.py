"""The sets of a TLB: one by one with their pages, or as a map of small squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import palette
from .lettering import flags, power
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

AXIS: Final = 60.0
_TOP, _MAP = 92.0, 560.0
_SINGLE = 40  # sets that are drawn one by one, with their addresses
_LINE, _BAR = 16.0, 110.0


@dataclass
class Sets:
    """What a TLB holds."""

    entries: Array
    ages: Array  # of each way of each set: 1 is the oldest entry, 0 is none
    misses: Array  # of each set, as far as they were traced; or nothing
    policy: str

    def strength(self, age: Any) -> Any:
        """How strongly an entry is drawn: the youngest fully."""
        return 0.2 + 0.8 * (age / max(int(self.ages.max(initial=0)), 1))

    @property
    def order(self) -> str:
        """What a strong colour means."""
        used = self.policy in ("lru", "")
        return f"stronger: {'used' if used else 'filled'} later; hatched: stale"


def draw(canvas: Canvas, held: Sets) -> tuple[float, float]:
    """Draw the sets below what has been counted."""
    sets = len(held.ages)
    used = np.unique(held.entries["set"])
    if sets <= _SINGLE:
        return _draw_rows(canvas, held, np.arange(sets))
    if len(used) <= _SINGLE:
        return _draw_rows(canvas, held, used)
    return _draw_map(canvas, held)


def _draw_rows(canvas: Canvas, held: Sets, shown: Array) -> tuple[float, float]:
    """A row for each set; in each way the page that it translates."""
    sets, ways = held.ages.shape
    wide = min(104.0, max(40.0, 560.0 / ways))
    right = AXIS + ways * wide
    canvas.text(AXIS - 8, _TOP - 9, "set", size=8, anchor="right", colour="soft")
    for way in range(ways):
        middle = AXIS + (way + 0.5) * wide
        canvas.text(middle, _TOP - 9, f"way {way}", size=8, anchor="center", colour="soft")
    if len(held.misses):
        canvas.text(right + 12, _TOP - 9, "misses traced", size=8, colour="soft")
    place = {(int(row["set"]), int(row["way"])): row for row in held.entries}
    y, before = _TOP, -1
    for number in shown.tolist():
        y += 4 if number > before + 1 and len(shown) < sets else 0
        before = number
        canvas.text(AXIS - 8, y + 8, number, size=8, anchor="right", mono=True, mark=f"set {number}")
        for way in range(ways):
            row = place.get((number, way))
            _draw_way(canvas, held, row, (number, way), AXIS + way * wide, y, wide)
        if len(held.misses):
            _draw_misses(canvas, held, number, right + 12, y)
        y += _LINE
    if len(shown) < sets:
        canvas.text(AXIS, y + 8, f"{power(sets - len(shown))} sets hold nothing", size=8, colour="soft")
        y += 12
    canvas.text(AXIS, y + 10, held.order, size=8, colour="soft")
    return max(right + (_BAR + 60 if len(held.misses) else 0), 560.0), y + 18


def _draw_misses(canvas: Canvas, held: Sets, number: int, x: float, y: float) -> None:
    count = int(held.misses[number])
    width = _BAR * count / max(int(held.misses.max()), 1)
    canvas.box(
        x,
        y + 3,
        width,
        10,
        palette.VERMILION,
        edge=None,
        mark=f"missed {number}",
        tip=f"{power(count)} misses",
    )
    canvas.text(x + width + 5, y + 8, power(count), size=8, mono=True, mark=f"misses of set {number}")


def _draw_way(
    canvas: Canvas, held: Sets, row: Any, place: tuple[int, int], x: float, y: float, wide: float
) -> None:
    mark = f"way {place[0]} {place[1]}"
    if row is None:
        canvas.box(x, y, wide, _LINE, None, mark=mark, tip="holds nothing")
        return
    va, age = int(row["va"]), int(held.ages[place])
    strong = held.strength(age)
    tip = f"{va:#x} to {int(row['pa']):#x}, {flags(int(row['pte']))}, ASID {row['asid']}, number {age} by age"
    hatch = "////" if row["stale"] else ""
    canvas.box(x, y, wide, _LINE, palette.SKY, strength=strong, hatch=hatch, mark=mark, tip=tip)
    said = f"{va >> 12:#x}" if wide < 80 else f"{va:#x}"
    colour = palette.BLACK if strong > 0.6 else "ink"
    canvas.text(x + wide / 2, y + 8, said, size=8, anchor="center", mono=True, colour=colour)


def _draw_map(canvas: Canvas, held: Sets) -> tuple[float, float]:
    """A square for each way: sets run to the right, in bands; below the ways of a set, its misses."""
    sets, ways = held.ages.shape
    across = min(sets, 64 if sets <= 1024 else 256)
    bands, missed = -(-sets // across), int(len(held.misses) > 0)
    tall = ways + missed + (1 if bands > 1 else 0)
    pixels = np.zeros((bands * tall, across, 4), dtype=np.float32)
    pixels[..., :3] = palette.rgb(palette.BLUE)
    for band in range(bands):
        part = held.ages[band * across : (band + 1) * across].T
        rows = slice(band * tall, band * tall + ways)
        pixels[rows, : part.shape[1], 3] = np.where(part > 0, held.strength(part), 0.06)
        if missed:
            counts = held.misses[band * across : (band + 1) * across]
            line = band * tall + ways
            pixels[line, :, :3] = palette.rgb(palette.VERMILION)
            pixels[line, : len(counts), 3] = counts / max(int(held.misses.max()), 1)
    height = min(_MAP / across, 600.0 / len(pixels))
    canvas.strip(AXIS, _TOP, _MAP, len(pixels) * height, pixels, mark="map", tip="a square is a way of a set")
    for band in range(0, bands, max(1, bands // 24)):
        y = _TOP + (band * tall + ways / 2) * height
        canvas.text(AXIS - 8, y, band * across, size=8, anchor="right", mono=True, colour="soft")
    canvas.text(AXIS - 8, _TOP - 9, "set", size=8, anchor="right", colour="soft")
    bottom = _TOP + len(pixels) * height
    said = f"{across} sets in a row, {ways} ways below each other"
    more = f", then the misses traced, at most {power(int(held.misses.max()))}" if missed else ""
    canvas.text(AXIS, bottom + 10, f"{said}{more}; {held.order}", size=8, colour="soft")
    return AXIS + _MAP + 4, bottom + 18
