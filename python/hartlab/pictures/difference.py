"""What changed between two states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import constants, words
from ..diff import Diff, diff
from . import palette, sources
from .lettering import flags, listed, power, printable
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_ROW, _MOST, _WIDTH = 15.0, 24, 640.0
_SIGNS = {"mapped": ("+", palette.SKY), "unmapped": ("−", palette.VERMILION)}
_SIGNS |= {"moved": ("→", palette.PURPLE), "flags": ("±", palette.YELLOW)}
_PTE_FLAGS = "VRWXUGAD"


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
    flows = _flows(np.asarray(found.frames))
    pages = _pages(np.asarray(found.ptes))
    fields = [_field(row) for row in found.processes]
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


def _flows(table: Array) -> Array:
    """How many frames went from one owner to another, or have other contents."""
    kinds = [("owner_before", "U16"), ("owner_after", "U16"), ("frames", "u8")]
    pairs = np.empty(len(table), dtype=kinds[:2])
    pairs["owner_before"], pairs["owner_after"] = table["owner_before"], table["owner_after"]
    unique, counts = np.unique(pairs, return_counts=True)
    made = [(*pair.tolist(), count) for pair, count in zip(unique, counts, strict=True)]
    return np.array(sorted(made, key=lambda row: (row[0] == row[1], -row[2])), dtype=kinds)


def _pages(table: Array) -> Array:
    """Changed entries, neighbours that changed in the same way as one."""
    kinds = [
        ("pid", "i4"),
        ("va", "u8"),
        ("pages", "u8"),
        ("change", "U12"),
        ("before", "u8"),
        ("after", "u8"),
    ]
    size = np.uint64(constants.PGSIZE) << (np.uint64(9) * np.maximum(table["level"], 0).astype(np.uint64))
    number = np.cumsum(np.concatenate([[0], size[:-1].astype(np.int64)]))[: len(table)]
    alike = [
        table["pid"],
        table["change"],
        table["before"] & np.uint64(0x3FF),
        table["after"] & np.uint64(0x3FF),
    ]
    runs = sources.runs(table["va"] - number.astype(np.uint64), *alike) if len(table) else []
    made = [
        (
            table["pid"][a],
            table["va"][a],
            int(size[a : b + 1].sum()) // constants.PGSIZE,
            table["change"][a],
            table["before"][a],
            table["after"][a],
        )
        for a, b in runs
    ]
    return np.array(made, dtype=kinds)


def _field(row: Any) -> tuple[int, str, str]:
    """A changed field of a process: pid, and what to say of it, as a word and as a change."""
    pid, field = int(row["pid"]), printable(row["field"])
    texts = printable(row["text_before"]), printable(row["text_after"])
    numbers = int(row["before"]), int(row["after"])
    if field == "exists":
        return pid, "", "was made" if numbers[1] else "is gone"
    if any(texts):
        return pid, field, f"{texts[0] or '-'} → {texts[1] or '-'}"
    return pid, field, " → ".join(f"{n:#x}" if n > 4095 else str(n) for n in numbers)


def _changed_flags(before: int, after: int) -> str:
    gained = [_PTE_FLAGS[bit] if bit < 8 else "c" for bit in range(9) if after & ~before & 1 << bit]
    lost = [_PTE_FLAGS[bit] if bit < 8 else "c" for bit in range(9) if before & ~after & 1 << bit]
    return " ".join([*(f"+{flag}" for flag in gained), *(f"−{flag}" for flag in lost)])


def _page_words(row: Any) -> str:
    before, after = int(row["before"]), int(row["after"])
    change = str(row["change"])
    if change == "mapped":
        return flags(after)
    if change == "unmapped":
        return f"was {flags(before)}"
    if change == "moved":
        moved = f"{constants.PTE2PA(before):#x} → {constants.PTE2PA(after):#x}"
        return f"{moved} {_changed_flags(before, after)}".strip()
    return f"{_changed_flags(before, after)}, now {flags(after)}"


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
        lines.append(f"{who}: {sign} {int(row['va']):#x} {count}  {_page_words(row)}")
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
        canvas.text(268, y + 7, _page_words(row), size=8.5, mono=True, limit=60)
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
