"""What changed between two states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import words
from ..diff import Diff, diff
from . import changes, palette
from .lettering import listed, power
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_ROW, _MOST, _WIDTH = 15.0, 24, 640.0
_SIGNS = {"mapped": ("+", palette.SKY), "unmapped": ("−", palette.VERMILION)}
_SIGNS |= {"moved": ("→", palette.PURPLE), "flags": ("±", palette.YELLOW)}


def difference(before: Any, after: Any = None) -> Picture:
    """Draw what changed between two states: whose frames are whose, which pages are mapped, and the rest.

    Parameters
    ----------
    before, after : Kernel, Machine or Snapshot
        Live or saved; or a Diff alone.

    Returns
    -------
    Picture
        Its `data`: frames (owner_before, owner_after, frames), pages (pid, va, pages, change, before, after:
        a row for neighbours that changed alike), processes and registers as in the Diff, and free, the length
        of the free list before and after.

    Raises
    ------
    TypeError
        When the two are not of one kind.
    ValueError
        When they have different sizes of RAM.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel()
    >>> proc = kernel.spawn(code=hl.asm("here: j here"))
    >>> before = kernel.snapshot()
    >>> old = proc.sbrk(2 * hl.PGSIZE)
    >>> hl.pictures.difference(before, kernel)
    the free list: 8,058 -> 8,056 pages
    frames: 2 free -> user; 2 kernel_image -> kernel_image; 1 page_table -> page_table
    pid 2: + 0x3000 2 pages  VRW-U---
    pid 2: sz 0x3000 -> 0x5000
    pid 2: pages 3 -> 5
    """
    found = before if isinstance(before, Diff) and after is None else diff(before, after)
    flows = changes.flows(np.asarray(found.frames))
    pages = changes.pages(np.asarray(found.ptes))
    fields = [changes.field(row) for row in found.processes]
    free = (found.free_before, found.free_after)

    def draw(canvas: Canvas) -> tuple[float, float]:
        return _draw(canvas, flows, pages, fields, free, found)

    text = _text(flows, pages, fields, free, found)
    return Picture(
        draw,
        title="What changed",
        alt=f"What changed: {'; '.join(found.words) if found.words else 'nothing'}.",
        text=text,
        data={
            "frames": flows,
            "pages": pages,
            "processes": np.asarray(found.processes),
            "registers": np.asarray(found.registers),
            "free": np.array(free, dtype=np.uint64),
        },
    )


def _text(
    flows: Array, pages: Array, fields: list[tuple[int, str, str]], free: tuple[int, int], found: Diff
) -> str:
    lines = []
    if free[0] != free[1]:
        lines.append(f"the free list: {power(free[0])} -> {words.plural(free[1], 'page')}")
    if len(flows):
        said = [f"{power(int(f['frames']))} {f['owner_before']} -> {f['owner_after']}" for f in flows]
        lines.append(f"frames: {'; '.join(said)}")
    for row in pages[:_MOST]:
        sign = _SIGNS.get(str(row["change"]), ("?", ""))[0].replace("−", "-")
        who = f"pid {row['pid']}" if row["pid"] else "kernel"
        count = words.plural(int(row["pages"]), "page")
        lines.append(f"{who}: {sign} {int(row['va']):#x} {count}  {changes.page_words(row)}")
    if len(pages) > _MOST:
        lines.append(f"... {power(len(pages) - _MOST)} more changes of page tables")
    lines += [f"pid {pid}: {field} {said}".replace(":  ", ": ") for pid, field, said in fields[:_MOST]]
    if len(found.registers):
        lines.append(f"registers: {listed([str(name) for name in found.registers['name']], 12)}")
    return "\n".join(line.replace("→", "->").replace("−", "-") for line in lines) or "nothing has changed"


# -- drawing -------------------------------------------------------------------------------------------------


def _draw(
    canvas: Canvas,
    flows: Array,
    pages: Array,
    fields: list[tuple[int, str, str]],
    free: tuple[int, int],
    found: Diff,
) -> tuple[float, float]:
    if not found:
        canvas.text(0, 8, "nothing has changed", bold=True, mark="nothing")
        return 200, 18
    y = 0.0
    if len(flows):
        y = _draw_flows(canvas, flows, free, y)
    if len(pages):
        y = _draw_pages(canvas, pages, y)
    if fields:
        y = _draw_fields(canvas, fields, y)
    if len(found.registers):
        names = [str(name) for name in found.registers["name"]]
        canvas.text(0, y + 8, "registers", bold=True)
        canvas.text(84, y + 8, listed(names, 16), size=8.5, mono=True, mark="registers", limit=100)
        y += 20
    return _WIDTH, y


def _draw_flows(canvas: Canvas, flows: Array, free: tuple[int, int], y: float) -> float:
    canvas.text(0, y + 8, "frames", bold=True)
    if free[0] != free[1]:
        said = f"free list: {power(free[0])} → {power(free[1])} ({free[1] - free[0]:+,})"
        canvas.text(_WIDTH, y + 8, said, size=8.5, anchor="right", mark="free")
    y += 20
    most = max(int(flows["frames"].max()), 1)
    for flow in flows[:_MOST]:
        a, b, count = str(flow["owner_before"]), str(flow["owner_after"]), int(flow["frames"])
        same = a == b
        _draw_owner(canvas, a, 0, y)
        canvas.line([(112, y + 7), (132, y + 7)], "ink", arrow=True)
        if same:
            canvas.text(140, y + 7, "other contents", size=8.5, colour="soft")
        else:
            _draw_owner(canvas, b, 140, y)
        width = max(3.0, 280.0 * count / most)
        fill = palette.owner(b).fill or "wash"
        mark = f"flow {a} {b}"
        canvas.box(
            268,
            y + 1,
            width,
            12,
            fill,
            edge="line",
            hatch="\\\\" if same else "",
            mark=mark,
            tip=words.plural(count, "frame"),
        )
        canvas.text(
            268 + width + 6,
            y + 7,
            power(count),
            size=8.5,
            mono=True,
            mark=f"count {a} {b}",
        )
        y += _ROW + 2
    return y + 8


def _draw_owner(canvas: Canvas, name: str, x: float, y: float) -> None:
    look = palette.owner(name)
    canvas.box(x, y + 1, 12, 12, look.fill or "wash", hatch=look.hatch)
    if look.fill:
        canvas.text(
            x + 6, y + 7, look.letter, size=8, mono=True, anchor="center", colour=palette.on(look.fill)
        )
    canvas.text(x + 17, y + 7, name or "-", size=9, limit=18)


def _draw_pages(canvas: Canvas, pages: Array, y: float) -> float:
    canvas.text(0, y + 8, "page tables", bold=True)
    legend = "+ mapped · − unmapped · → moved to another frame · ± other flags"
    canvas.text(_WIDTH, y + 8, legend, size=8, anchor="right", colour="soft")
    y += 20
    shown: int | None = None
    for row in pages[:_MOST]:
        pid, va, change = int(row["pid"]), int(row["va"]), str(row["change"])
        sign, colour = _SIGNS.get(change, ("?", palette.GREY))
        if pid != shown:
            canvas.text(0, y + 7, f"pid {pid}" if pid else "the kernel", size=8.5)
            shown = pid
        mark = f"page {pid} {va:#x}"
        canvas.box(
            64,
            y,
            16,
            14,
            colour,
            edge="line",
            mark=mark,
            tip=f"{change}: {int(row['before']):#x} → {int(row['after']):#x}",
        )
        canvas.text(72, y + 7, sign, size=10, bold=True, anchor="center", colour=palette.BLACK)
        canvas.text(164, y + 7, f"{va:#x}", size=8.5, mono=True, anchor="right")
        canvas.text(
            176, y + 7, words.plural(int(row["pages"]), "page"), size=8.5, mark=f"pages {pid} {va:#x}"
        )
        canvas.text(268, y + 7, changes.page_words(row), size=8.5, mono=True, limit=60)
        y += _ROW
    if len(pages) > _MOST:
        canvas.text(64, y + 7, f"… {power(len(pages) - _MOST)} more", size=8.5, colour="soft")
        y += _ROW
    return y + 8


def _draw_fields(canvas: Canvas, fields: list[tuple[int, str, str]], y: float) -> float:
    canvas.text(0, y + 8, "processes", bold=True)
    y += 20
    shown: int | None = None
    for pid, field, said in fields[:_MOST]:
        if pid != shown:
            canvas.text(0, y + 7, f"pid {pid}", size=8.5)
            shown = pid
        canvas.text(64, y + 7, field, size=8.5)
        canvas.text(
            164 if field else 64, y + 7, said, size=8.5, mono=True, limit=60, mark=f"field {pid} {field}"
        )
        y += _ROW
    if len(fields) > _MOST:
        canvas.text(64, y + 7, f"… {power(len(fields) - _MOST)} more", size=8.5, colour="soft")
        y += _ROW
    return y + 8
