"""The three levels of a page table as a tree, collapsed to what is populated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, constants, words
from . import palette, sources
from . import split as strips
from .lettering import columns, flags, power
from .picture import Picture
from .table_tree import ROWS, Node, Row, cut, leaf_rows, tree

if TYPE_CHECKING:
    from .canvas import Canvas

_NEEDED = ("va", "pa", "size", "level", "pte", "pte_address", "flags", "leaf", "broken", "problem")
_HEIGHT, _BETWEEN, _GAP = 14.0, 8.0, 5.0
_LEFT = {2: 0.0, 1: 112.0, 0: 224.0}
_WIDTH, _TOP = 80.0, 66.0
_REMARKS = {  # by the column `problem`
    1: "its root is not in RAM",
    6: "its tables point at each other, and not all that they say is listed",
}
_SAYS = 316.0  # where the words on a leaf begin


def page_table(x: Any, *, va: int | None = None) -> Picture:
    """Draw a page table as the tree that it is: tables of three levels, and only the entries in use.

    Neighbouring entries that are alike are one row, and neighbouring tables that are alike are one table.

    Parameters
    ----------
    x : Process, PageTable, Kernel, (snapshot, pid), Machine or Table
        Whose page table; a Kernel or Snapshot stands for its own. A Table is what ``entries(tables=True)``
        gives.
    va : int, optional
        An address whose bits are shown above the tree, and whose path through it is drawn strongly.

    Returns
    -------
    Picture
        Its `data`: entries (all that are populated, tables included) and rows (as they are drawn).

    Raises
    ------
    TypeError
        When x has no page table.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.pictures.page_table(hl.Kernel().process(1))
    level 2  level 1  level 0  pages            va          pa  flags
    0        0        0            1           0x0  0x81fa3000  VRWXU---
    255      511      510          1  0x3fffffe000  0x81fa7000  VRW-----
                      511          1  0x3ffffff000  0x80007000  VR-X----
    """
    if isinstance(x, np.ndarray):
        entries, owner = sources.rows("x", x, "entries", _NEEDED), "a process"
    else:
        table, owner = sources.page_table("x", x)
        entries = np.asarray(table.entries(tables=True))
    whole = sources.real(entries)
    remark = "" if whole.all() else _REMARKS.get(int(entries["problem"][~whole][0]), _REMARKS[6])
    entries = entries[whole]
    split = None if va is None else strips.Split(arguments.address("va", va))
    root = tree(entries)
    left_out = cut(root, ROWS) if root else 0
    rows = list(leaf_rows(root))
    title = f"The page table of {owner}"

    def draw(canvas: Canvas) -> tuple[float, float]:
        if split is None:
            strips.draw_form(canvas, 0, 0)
        else:
            strips.draw(canvas, split, 0, 0)
            canvas.text(strips.WIDTH + 14, 22.5, f"{split.va:#x}", mono=True, bold=True, mark="va")
        for level, left in _LEFT.items():
            canvas.text(left, _TOP - 6, f"level {level}", size=8.5, bold=True)
        bottom = _draw_node(canvas, root, _TOP, split) if root else _TOP
        if left_out:
            canvas.text(_SAYS, bottom + 6, f"… {power(left_out)} more rows in between", colour="soft")
            bottom += 14
        if remark:
            canvas.text(0, bottom + 8, f"corrupted: {remark}", colour=palette.ALARM, bold=True, mark="remark")
            bottom += 16
        return _SAYS + 300, _draw_legend(canvas, rows, bottom + 14)

    return Picture(
        draw,
        title=title,
        alt=_alt(title, entries, rows, left_out) + (f" It is corrupted: {remark}." if remark else ""),
        text=_text(root, left_out) + (f"\ncorrupted: {remark}" if remark else ""),
        data={"entries": entries, "rows": _array(rows)},
    )


def _alt(title: str, entries: Any, rows: list[Row], left_out: int) -> str:
    leaves = entries[entries["leaf"]]
    pages = int(leaves["size"].sum()) // constants.PGSIZE
    tables = words.plural(len(entries) - len(leaves) + 1, "table")
    seen = [
        f"{row.va:#x} leads to {row.pa:#x}, {flags(row.pte)}"
        + (f", {row.count} entries." if row.count > 1 else ".")
        for row in rows[:8]
    ]
    rest = len(rows) - len(seen) + left_out
    more = [f"{words.plural(rest, 'more row')}."] if rest else []
    return " ".join([f"{title}: {tables} for {words.plural(pages, 'page')}.", *seen, *more])


def _look(row: Row) -> tuple[str, palette.Look]:
    if row.broken:
        return "refused by the MMU", palette.Look(palette.ALARM, "!", "xxxx")
    if row.pte & 0x100:
        return "copy on write", palette.Look(palette.PURPLE, "c", "////")
    if row.pte & constants.PTE_U:
        return "user page", palette.Look(palette.SKY, "u")
    return "kernel only", palette.Look(palette.GREY, "k")


def _draw_node(canvas: Canvas, node: Node, y: float, split: strips.Split | None) -> float:
    """Draw a table and what is below it, its name at the height `y`; returns where it ends."""
    left = _LEFT[node.level]
    times = node.rows[0].times if node.rows else 1
    name = f"{node.pa:#x}{f' ×{power(times)}' if times > 1 else ''}"
    canvas.text(left, y + _HEIGHT / 2, name, mono=True, size=8, colour="soft", mark=f"name {node.pa:#x}")
    top = y = y + _HEIGHT
    before: Row | None = None
    drawn = []
    for row in node.rows:
        taken = split is not None and row.has(split.indices[2 - node.level])
        if before is not None:
            y += _BETWEEN if before.child else _GAP if row.first > before.last + 1 else 0
        drawn.append((row, y, taken))
        if row.child and row.child.rows:
            bottom = _draw_node(canvas, row.child, y, split if taken else None)
        else:
            _draw_words(canvas, row, y)
            bottom = y + _HEIGHT
        y, before = max(bottom, y + _HEIGHT), row
    canvas.box(left, top, _WIDTH, y - top, mark=f"table {node.pa:#x}", tip=f"a table of level {node.level}")
    for row, where, taken in drawn:
        _draw_row(canvas, node, row, where, taken)
    return y


def _draw_row(canvas: Canvas, node: Node, row: Row, y: float, taken: bool) -> None:
    left = _LEFT[node.level]
    kind, look = ("table", palette.Look("wash", "")) if row.child else _look(row)
    mark = f"{'pointer' if row.child else 'leaf'} {row.va:#x}"
    tip = f"entries {row.indices}: {kind}, {row.pte:#x} {flags(row.pte)}"
    edge = palette.CHOICE if taken else "line"
    line = 2.2 if taken else 0.7
    canvas.box(
        left, y, _WIDTH, _HEIGHT, look.fill, hatch=look.hatch, edge=edge, line=line, mark=mark, tip=tip
    )
    colour = "ink" if row.child else palette.on(look.fill or palette.WHITE)
    label = row.indices
    middle = (left + _WIDTH / 2, y + _HEIGHT / 2)
    if look.hatch:  # so that the number can be read on it
        canvas.box(middle[0] - 14, y + 2.5, 28, _HEIGHT - 5, look.fill, edge=None)
    canvas.text(*middle, label, anchor="center", size=8.5, mono=True, colour=colour, bold=taken)
    if row.child:
        end = (_LEFT[node.level - 1] - 2, y + _HEIGHT / 2)
        colour = palette.CHOICE if taken else "ink"
        canvas.line([(left + _WIDTH, middle[1]), end], colour, arrow=True, width=1.8 if taken else 0.9)


def _draw_words(canvas: Canvas, row: Row, y: float) -> None:
    y += _HEIGHT / 2
    canvas.text(_SAYS + 76, y, f"{row.va:#x}", mono=True, size=8.5, anchor="right")
    canvas.line([(_SAYS + 81, y), (_SAYS + 97, y)], "ink", arrow=True)
    canvas.text(_SAYS + 101, y, f"{row.pa:#x}", mono=True, size=8.5)
    canvas.text(_SAYS + 162, y, flags(row.pte), mono=True, size=8.5, mark=f"flags {row.va:#x}")
    more = _more(row)
    canvas.text(_SAYS + 212, y, more, size=8, colour="soft", mark=f"count {row.va:#x}" if more else "")


def _more(row: Row) -> str:
    if row.count == 1:
        return ""
    if row.step > 1:
        return f"×{power(row.count)}, one in {row.step}"
    return f"×{power(row.count)}{'' if row.in_order else ', not in order'}"


def _draw_legend(canvas: Canvas, rows: list[Row], y: float) -> float:
    x = 0.0
    for kind, look in dict.fromkeys(_look(row) for row in rows):
        canvas.box(x, y, 14, 10, look.fill, hatch=look.hatch)
        canvas.text(x + 18, y + 5, kind, size=8, colour="soft")
        x += 34 + 5 * len(kind)
    return y + 12


def _text(root: Node | None, left_out: int) -> str:
    if root is None or not root.rows:
        return "an empty page table"
    cells = [["level 2", "level 1", "level 0", "pages", "va", "pa", "flags"]]

    def add(node: Node, above: list[str]) -> None:
        for row in node.rows:
            path = [*above, row.indices]
            if row.child and row.child.rows:
                add(row.child, path)
            else:
                pages = power(row.count * row.size // constants.PGSIZE)
                rest = [pages, f"{row.va:#x}", f"{row.pa:#x}", flags(row.pte)]
                cells.append([*path, *[""] * (3 - len(path)), *rest])
            above = [""] * len(above)

    add(root, [])
    lines = columns(cells, "lllrrrl")
    return f"{lines}\n({power(left_out)} more rows)" if left_out else lines


def _array(rows: list[Row]) -> Any:
    kinds = [("va", "u8"), ("pa", "u8"), ("level", "i4"), ("first", "i4"), ("last", "i4"), ("step", "i4")]
    kinds += [("count", "i4"), ("pte", "u8")]
    return np.array([tuple(getattr(row, name) for name, _ in kinds) for row in rows], dtype=kinds)
