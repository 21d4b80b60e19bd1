"""The TLB as a map of its sets and ways, with its hits and misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import words
from ..tlb import Tlb, TlbCounts
from . import palette, sources
from .lettering import columns, flags, percent, power
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("set", "way", "va", "pa", "pte", "asid", "stamp", "stale")
_KINDS = ("fetch", "load", "store")
_AXIS, _TOP, _MAP = 60.0, 92.0, 560.0
_SINGLE = 40  # sets that are drawn one by one, with their addresses
_LINES = 12


def tlb(x: Any) -> Picture:
    """Draw a TLB: its ways, set by set, stronger the younger the entry; and how often it hit and missed.

    Up to 40 sets are drawn with the page in each way; of more, those that hold something, when they are as
    few. Otherwise a small square stands for each way.

    Parameters
    ----------
    x : Hart, Kernel, Machine, Snapshot, Tlb or Table
        Whose TLB; or the table of its entries. Counts and geometry are known of a live one.

    Returns
    -------
    Picture
        Its `data`: entries; ages, an array of shape (sets, ways) with the rank of each entry from 1, the
        oldest, to the youngest, 0 for a way that holds nothing; and counts (kind, hits, misses).

    Raises
    ------
    TypeError
        When x has no TLB.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(tlb={"sets": 4, "ways": 2})
    >>> proc = kernel.spawn(code=hl.asm("here: j here"))
    >>> result = kernel.run(100)
    >>> print(hl.pictures.tlb(kernel).alt)
    A TLB of 4 sets of 2 ways, in which 3 of 8 hold a translation. ...
    """
    entries, counts, sets, ways, policy = _taken(x)
    ages = np.zeros((sets, ways), dtype=np.int64)
    ages[entries["set"], entries["way"]] = np.argsort(np.argsort(entries["stamp"], kind="stable")) + 1
    table = _counts_table(counts)
    title = f"A TLB of {words.plural(sets, 'set')} of {words.plural(ways, 'way')}"

    def draw(canvas: Canvas) -> tuple[float, float]:
        _draw_counts(canvas, table, counts)
        used = np.unique(entries["set"])
        if sets <= _SINGLE or len(used) <= _SINGLE:
            shown = np.arange(sets) if sets <= _SINGLE else used
            return _draw_entries(canvas, entries, ages, shown, sets, policy)
        return _draw_map(canvas, entries, ages, policy)

    return Picture(
        draw,
        title=title,
        alt=_alt(title, entries, ages, table, counts),
        text=_text(title, entries, ages, table),
        data={"entries": entries, "ages": ages, "counts": table},
    )


def _taken(x: Any) -> tuple[Array, TlbCounts | None, int, int, str]:
    x = getattr(x, "hart", x)
    x = getattr(x, "tlb", x)
    if isinstance(x, Tlb):
        g = x.geometry
        return np.asarray(x.entries()), x.counts, g.sets, g.ways, g.replacement
    if not isinstance(x, np.ndarray) and callable(x):
        x = x()
    if not isinstance(x, np.ndarray):
        raise TypeError(f"x={x!r} has no TLB; a Hart, a Kernel, a Snapshot or a table of entries is wanted")
    entries = sources.rows("x", x, "tlb", _NEEDED)
    if "valid" in (entries.dtype.names or ()):
        whole, entries = entries, entries[entries["valid"]]
    else:
        whole = entries
    sets = int(whole["set"].max(initial=0)) + 1
    sets = 1 << (sets - 1).bit_length()  # as far as one can tell: a power of two that has them all
    return entries, None, sets, int(whole["way"].max(initial=0)) + 1, ""


def _counts_table(counts: TlbCounts | None) -> Array:
    rows = [(kind, counts.hits[kind], counts.misses[kind]) for kind in _KINDS] if counts else []
    return np.array(rows, dtype=[("kind", "U8"), ("hits", "u8"), ("misses", "u8")])


def _alt(title: str, entries: Array, ages: Array, table: Array, counts: TlbCounts | None) -> str:
    parts = [f"{title}, in which {power(len(entries))} of {power(ages.size)} hold a translation."]
    stale = int(entries["stale"].sum())
    if stale:
        parts.append(f"{words.plural(stale, 'entry').replace('entrys', 'entries')} stale.")
    if counts:
        hits, misses = int(table["hits"].sum()), int(table["misses"].sum())
        parts.append(
            f"{power(hits)} hits and {words.plural(misses, 'miss')}, {percent(hits, hits + misses)} hits; "
            f"{words.plural(counts.evictions, 'eviction')}, {words.plural(counts.flushes, 'flush')}."
        )
    return " ".join(parts)


def _text(title: str, entries: Array, ages: Array, table: Array) -> str:
    lines = [f"{title}: {power(len(entries))} of {power(ages.size)} in use"]
    if len(table):
        cells = [["", "hits", "misses", "hit rate"]]
        for row in table:
            hits, misses = int(row["hits"]), int(row["misses"])
            cells.append([str(row["kind"]), power(hits), power(misses), percent(hits, hits + misses)])
        lines.append(columns(cells, "lrrr"))
    youngest = entries[np.argsort(entries["stamp"], kind="stable")[::-1]][:_LINES]
    if len(youngest):
        cells = [["set", "way", "va", "pa", "flags", "asid"]]
        for row in youngest:
            stale = "  STALE" if row["stale"] else ""
            cells.append(
                [str(row["set"]), str(row["way"]), f"{int(row['va']):#x}", f"{int(row['pa']):#x}"]
                + [flags(int(row["pte"])), f"{row['asid']}{stale}"]
            )
        lines += ["youngest first:", columns(cells, "rrrrll")]
    return "\n".join(lines)


# -- drawing -------------------------------------------------------------------------------------------------


def _draw_counts(canvas: Canvas, table: Array, counts: TlbCounts | None) -> None:
    if counts is None:
        canvas.text(0, 8, "counts are known of a live TLB only", size=8, colour="soft")
        return
    most = max(1, *(int(row["hits"] + row["misses"]) for row in table))
    for number, row in enumerate(table):
        y = 8 + 19 * number
        hits, misses = int(row["hits"]), int(row["misses"])
        wide = 330.0
        canvas.text(_AXIS - 8, y, row["kind"], anchor="right")
        hit = wide * hits / most
        miss = max(wide * misses / most, 3.0) if misses else 0.0
        canvas.box(
            _AXIS,
            y - 6,
            hit,
            12,
            palette.SKY,
            edge=None,
            mark=f"hits {row['kind']}",
            tip=f"{power(hits)} hits",
        )
        canvas.box(
            _AXIS + hit,
            y - 6,
            miss,
            12,
            palette.VERMILION,
            hatch="////",
            edge=None,
            mark=f"misses {row['kind']}",
            tip=f"{power(misses)} misses",
        )
        said = f"{power(hits)} hits, {words.plural(misses, 'miss')}  ({percent(hits, hits + misses)})"
        canvas.text(_AXIS + hit + miss + 8, y, said, size=8.5, mark=f"counts {row['kind']}")
    said = f"{words.plural(counts.evictions, 'eviction')}, {words.plural(counts.flushes, 'flush')}"
    canvas.text(_AXIS, 8 + 19 * len(table), said, size=8, colour="soft", mark="evictions")


def _strength(age: int, ages: Array) -> float:
    """How strongly an entry is drawn: the youngest fully."""
    return 0.2 + 0.8 * (age / max(int(ages.max()), 1))


def _order(policy: str) -> str:
    return {"fifo": "stronger: filled later", "random": "stronger: filled later"}.get(
        policy, "stronger: used later"
    )


def _draw_entries(
    canvas: Canvas, entries: Array, ages: Array, shown: Array, sets: int, policy: str
) -> tuple[float, float]:
    """A row for each set; in each way the page that it translates."""
    ways = ages.shape[1]
    wide = min(104.0, max(40.0, 620.0 / ways))
    canvas.text(_AXIS - 8, _TOP - 9, "set", size=8, anchor="right", colour="soft")
    for way in range(ways):
        canvas.text(
            _AXIS + (way + 0.5) * wide, _TOP - 9, f"way {way}", size=8, anchor="center", colour="soft"
        )
    place = {(int(row["set"]), int(row["way"])): row for row in entries}
    y, before = _TOP, -1
    for number in shown.tolist():
        if number > before + 1 and len(shown) < sets:
            y += 4
        before = number
        canvas.text(_AXIS - 8, y + 8, number, size=8, anchor="right", mono=True, mark=f"set {number}")
        for way in range(ways):
            row = place.get((number, way))
            _draw_way(canvas, row, int(ages[number, way]), ages, _AXIS + way * wide, y, wide, (number, way))
        y += 16
    if len(shown) < sets:
        canvas.text(_AXIS, y + 8, f"{power(sets - len(shown))} sets hold nothing", size=8, colour="soft")
        y += 12
    canvas.text(_AXIS, y + 10, f"{_order(policy)}; hatched: stale", size=8, colour="soft")
    return max(_AXIS + ways * wide, 560.0), y + 18


def _draw_way(
    canvas: Canvas, row: Any, age: int, ages: Array, x: float, y: float, wide: float, place: tuple[int, int]
) -> None:
    mark = f"way {place[0]} {place[1]}"
    if row is None:
        canvas.box(x, y, wide, 16, None, mark=mark, tip="holds nothing")
        return
    va, strong = int(row["va"]), _strength(age, ages)
    tip = f"{va:#x} to {int(row['pa']):#x}, {flags(int(row['pte']))}, ASID {row['asid']}, number {age} by age"
    canvas.box(
        x, y, wide, 16, palette.SKY, strength=strong, hatch="////" if row["stale"] else "", mark=mark, tip=tip
    )
    said = f"{va >> 12:#x}" if wide < 80 else f"{va:#x}"
    colour = palette.BLACK if strong > 0.6 else "ink"
    canvas.text(x + wide / 2, y + 8, said, size=8, anchor="center", mono=True, colour=colour)


def _draw_map(canvas: Canvas, entries: Array, ages: Array, policy: str) -> tuple[float, float]:
    """A square for each way: sets run to the right, in bands, the ways of a set below each other."""
    sets, ways = ages.shape
    across = min(sets, 64 if sets <= 1024 else 256)
    size = _MAP / across
    bands = -(-sets // across)
    gap = 1 if bands > 1 else 0
    pixels = np.zeros((bands * (ways + gap) - gap, across, 4), dtype=np.float32)
    for band in range(bands):
        part = ages[band * across : (band + 1) * across].T
        rows = slice(band * (ways + gap), band * (ways + gap) + ways)
        pixels[rows, : part.shape[1], :3] = palette.rgb(palette.BLUE)
        strength = 0.2 + 0.8 * (part / max(int(ages.max()), 1))
        pixels[rows, : part.shape[1], 3] = np.where(part > 0, strength, 0.06)
    height = min(size, 600.0 / len(pixels))
    canvas.strip(
        _AXIS, _TOP, _MAP, len(pixels) * height, pixels, mark="map", tip="a square is a way of a set"
    )
    for band in range(0, bands, max(1, bands // 24)):
        y = _TOP + (band * (ways + gap) + ways / 2) * height
        canvas.text(_AXIS - 8, y, band * across, size=8, anchor="right", mono=True, colour="soft")
    canvas.text(_AXIS - 8, _TOP - 9, "set", size=8, anchor="right", colour="soft")
    said = f"{across} sets in a row, {ways} ways below each other; {_order(policy)}"
    bottom = _TOP + len(pixels) * height
    canvas.text(_AXIS, bottom + 10, said, size=8, colour="soft")
    return _AXIS + _MAP + 4, bottom + 18
