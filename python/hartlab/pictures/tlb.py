"""The TLB as a map of its sets and ways, with its hits and misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import words
from ..inspection import KernelTables
from ..tlb import Tlb, TlbCounts
from . import palette, sources
from .lettering import columns, flags, percent, power
from .picture import Picture
from .sources import Array
from .tlb_sets import AXIS, Sets, draw

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("set", "way", "va", "pa", "pte", "asid", "stamp", "stale")
_KINDS = ("fetch", "load", "store")
_LINES = 12


def tlb(x: Any, trace: Any = None) -> Picture:
    """Draw a TLB: its ways, set by set, stronger the younger the entry; and how often it hit and missed.

    Up to 40 sets are drawn with the page in each way; of more, those that hold something, when they are as
    few. Otherwise a small square stands for each way. With a trace, the misses of each set are shown too.

    Parameters
    ----------
    x : Hart, Kernel, Machine, Snapshot, Tlb or Table
        Whose TLB; or the table of its entries. Counts and geometry are known of a live one.
    trace : Tracing or Table, optional
        Events in which the TLB was filled; a Kernel that is traced has its own.

    Returns
    -------
    Picture
        Its `data`: entries; ages, an array of shape (sets, ways) with the rank of each entry from 1, the
        oldest, to the youngest, 0 for a way that holds nothing; counts (kind, hits, misses); and misses, how
        many of each set were traced, empty when none were.

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
    held = Sets(entries, ages, _misses(x, trace, sets), policy)
    table = _counts_table(counts)
    title = f"A TLB of {words.plural(sets, 'set')} of {words.plural(ways, 'way')}"

    def draw_all(canvas: Canvas) -> tuple[float, float]:
        _draw_counts(canvas, table, counts)
        return draw(canvas, held)

    return Picture(
        draw_all,
        title=title,
        alt=_alt(title, entries, ages, table, counts),
        text=_text(title, entries, ages, table),
        data={"entries": entries, "ages": ages, "counts": table, "misses": held.misses},
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


def _misses(x: Any, trace: Any, sets: int) -> Array:
    """How often each set was filled, by the low bits of the pages' numbers; nothing without a trace."""
    given = trace
    if trace is None and isinstance(x, KernelTables) and hasattr(x, "trace"):  # a machine's is of traps alone
        given = x.trace()
    if given is None:
        return np.empty(0, dtype=np.int64)
    method = "trace" if isinstance(given, np.ndarray) else "table"
    events = sources.rows("trace", given, method, ("kind", "va"))
    fills = events[events["kind"] == "tlb_fill"]
    if len(fills) == 0 and trace is None:
        return np.empty(0, dtype=np.int64)
    pages = fills["va"] >> np.uint64(12)
    return np.bincount((pages & np.uint64(sets - 1)).astype(np.int64), minlength=sets)


def _counts_table(counts: TlbCounts | None) -> Array:
    rows = [(kind, counts.hits[kind], counts.misses[kind]) for kind in _KINDS] if counts else []
    return np.array(rows, dtype=[("kind", "U8"), ("hits", "u8"), ("misses", "u8")])


def _alt(title: str, entries: Array, ages: Array, table: Array, counts: TlbCounts | None) -> str:
    parts = [f"{title}, in which {power(len(entries))} of {power(ages.size)} hold a translation."]
    stale = int(entries["stale"].sum())
    if stale:
        parts.append(f"{power(stale)} of them stale.")
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
        canvas.text(AXIS - 8, y, row["kind"], anchor="right")
        hit = wide * hits / most
        miss = max(wide * misses / most, 3.0) if misses else 0.0
        canvas.box(
            AXIS,
            y - 6,
            hit,
            12,
            palette.SKY,
            edge=None,
            mark=f"hits {row['kind']}",
            tip=f"{power(hits)} hits",
        )
        canvas.box(
            AXIS + hit,
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
        canvas.text(AXIS + hit + miss + 8, y, said, size=8.5, mark=f"counts {row['kind']}")
    said = f"{words.plural(counts.evictions, 'eviction')}, {words.plural(counts.flushes, 'flush')}"
    canvas.text(AXIS, 8 + 19 * len(table), said, size=8, colour="soft", mark="evictions")
