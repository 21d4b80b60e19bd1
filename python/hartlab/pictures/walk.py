"""The walk of one address, level by level, to the page or to the fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import words
from ..page_table import Walk
from . import palette, sources
from . import split as strips
from .lettering import flags
from .picture import Picture

if TYPE_CHECKING:
    from .canvas import Canvas

_WIDTH, _APART = 132.0, 28.0  # of a table, and between two
_TOP, _ROW, _CHIP = 62.0, 19.0, 26.0
_BODY = 5 * _ROW
_NAMES = {2: "VPN[2]", 1: "VPN[1]", 0: "VPN[0]"}


def walk(
    x: Any, va: int | None = None, access: str = "load", *, privilege: str | None = None, **status: bool
) -> Picture:
    """Draw the walk of one address: the entry that each level selects, and the page or the fault at its end.

    Parameters
    ----------
    x : Process, PageTable, Kernel, (snapshot, pid) or Walk
        Whose page table; or a walk that has been made.
    va : int, optional
        Virtual address; not needed with a Walk.
    access : str
        ``"fetch"``, ``"load"`` or ``"store"``.
    privilege : str, optional
        ``"U"`` or ``"S"``; by default the one that uses this table.
    **status : bool
        sum, mxr and svade, as `PageTable.walk` takes them.

    Returns
    -------
    Picture
        Its `data`: steps, the rows of the walk. [priv 4.3.2]

    Raises
    ------
    TypeError
        When x has no page table, or va is missing.

    Examples
    --------
    >>> import hartlab as hl
    >>> proc = hl.Kernel().process(1)
    >>> print(hl.pictures.walk(proc, 0x40000000, "store").alt)
    A store at 0x40000000 in the page table of pid 1 'initcode'. Level 2: entry 1 is --------.
    It ends in a fault (15, store page fault): V is 0: nothing is mapped here.
    """
    if isinstance(x, Walk):
        made, title, verb = x, "", "access"
    else:
        if va is None:
            raise TypeError("va is missing: walk(process, va) needs the address to walk")
        table, owner = sources.page_table("x", x)
        made = table.walk(va, access, privilege=privilege, **status)
        title, verb = f" in the page table of {owner}", access
    split = strips.Split(made.va)
    steps = [(int(s["level"]), int(s["index"]), int(s["table"]), int(s["pte"])) for s in made.steps]
    ending = _ending(made)
    seen = [f"Level {level}: entry {index} is {flags(pte)}." for level, index, _, pte in steps]

    def draw(canvas: Canvas) -> tuple[float, float]:
        strips.draw(canvas, split, 0, 0)
        canvas.text(strips.WIDTH + 14, 22.5, f"{verb} {made.va:#x}", mono=True, bold=True, mark="va")
        for number, step in enumerate(steps):
            left = number * (_WIDTH + _APART)
            last = number == len(steps) - 1
            _draw_table(canvas, left, step, last=last, fault=last and made.pa is None)
        _draw_end(canvas, len(steps) * (_WIDTH + _APART), made, steps[-1] if steps else None)
        return 4 * _WIDTH + 3 * _APART, _TOP + 12 + _BODY + (22 if made.pa is not None else 4)

    return Picture(
        draw,
        title=f"The walk of {made.va:#x}{title}",
        alt=" ".join([f"A{'n' if verb == 'access' else ''} {verb} at {made.va:#x}{title}.", *seen, ending]),
        text="\n".join([strips.lines(split), "", *_lines(made)]),
        data={"steps": made.steps},
    )


def _ending(made: Walk) -> str:
    if made.pa is not None:
        return f"It ends at the physical address {made.pa:#x}."
    return f"It ends in a fault ({made.cause}, {words.cause(made.cause or 0)}): {made.end}."


def _lines(made: Walk) -> list[str]:
    lines = []
    for step in made.steps:
        level, index, pte = int(step["level"]), int(step["index"]), int(step["pte"])
        arrow = "leaf" if step["leaf"] else f"table {int(step['next']):#x}"
        reached = arrow if not step["last"] or made.pa is not None else "the walk ends here"
        where = f"level {level}: table {int(step['table']):#x}, entry {index:3}"
        lines.append(f"{where}: {pte:#x} ({flags(pte)}) -> {reached}")
    result = f"physical {made.pa:#x}" if made.pa is not None else f"FAULT {made.cause}: {made.end}"
    return [*lines, result]


def _draw_table(
    canvas: Canvas, left: float, step: tuple[int, int, int, int], *, last: bool, fault: bool
) -> None:
    level, index, table, pte = step
    canvas.text(left, _TOP, f"level {level}", bold=True)
    canvas.text(left + _WIDTH, _TOP, f"{table:#x}", mono=True, size=8, anchor="right", colour="soft")
    top = _TOP + 12
    canvas.box(
        left, top, _WIDTH, _BODY, mark=f"table {table:#x}", tip=f"table of level {level} at {table:#x}"
    )
    for row, label in enumerate(("0", "⋮", "", "⋮", "511")):
        if label:
            canvas.text(
                left + _CHIP / 2, top + (row + 0.5) * _ROW, label, size=8, anchor="center", colour="soft"
            )
    y, name = top + 2 * _ROW, _NAMES.get(level, "?")
    colour = strips.COLOURS.get(name, palette.GREY)
    tip = f"{name} = {index}: the entry is {pte:#x}"
    canvas.box(left, y, _CHIP, _ROW, colour, mark=f"index {level}")
    canvas.text(
        left + _CHIP / 2, y + _ROW / 2, index, size=9, anchor="center", mono=True, colour=palette.BLACK
    )
    canvas.box(
        left + _CHIP,
        y,
        _WIDTH - _CHIP,
        _ROW,
        None,
        edge=palette.ALARM if fault else "ink",
        line=2 if fault else 1.2,
        mark=f"entry {level}",
        tip=tip,
    )
    middle = left + (_CHIP + _WIDTH) / 2
    canvas.text(middle, y + _ROW / 2, flags(pte), size=9, anchor="center", mono=True, bold=True)
    canvas.text(middle, y + _ROW + 9, f"{pte:#x}", size=8, anchor="center", mono=True, colour="soft")
    end = (left + _WIDTH + _APART - 2, y + _ROW / 2 if last else _TOP + 12)
    canvas.curve(
        (left + _WIDTH, y + _ROW / 2),
        end,
        palette.ALARM if fault else "ink",
        width=1.3,
        arrow=True,
        dashed=fault,
    )


def _draw_end(canvas: Canvas, left: float, made: Walk, step: tuple[int, int, int, int] | None) -> None:
    top = _TOP + 12
    if made.pa is None:
        y = top + 2 * _ROW - 22
        canvas.box(left, y, _WIDTH, _ROW + 44, None, edge=palette.ALARM, line=2, rounded=4, mark="fault")
        canvas.text(left + _WIDTH / 2, y + 12, f"fault {made.cause}", bold=True, anchor="center", size=10)
        canvas.text(left + _WIDTH / 2, y + 25, words.cause(made.cause or 0), anchor="center")
        for number, line in enumerate(_wrapped(made.end, 27)[:3]):
            canvas.text(
                left + _WIDTH / 2, y + 38 + 10 * number, line, size=7.5, anchor="center", colour="soft"
            )
        return
    level = step[0] if step else 0
    page = made.pa & ~((1 << (12 + 9 * level)) - 1)
    canvas.text(left, _TOP, {0: "page", 1: "2 MiB page", 2: "1 GiB page"}.get(level, "page"), bold=True)
    canvas.text(left + _WIDTH, _TOP, f"{page:#x}", mono=True, size=8, anchor="right", colour="soft")
    canvas.box(left, top, _WIDTH, _BODY, mark=f"page {page:#x}")
    y = top + 2 * _ROW
    canvas.box(left, y, _WIDTH, _ROW, strips.COLOURS["offset"], mark="byte", tip=f"physical {made.pa:#x}")
    shown = f"offset {made.pa - page:#x}"
    canvas.text(
        left + _WIDTH / 2, y + _ROW / 2, shown, anchor="center", mono=True, size=8.5, colour=palette.BLACK
    )
    canvas.text(
        left, top + _BODY + 14, f"physical {made.pa:#x}", mono=True, bold=True, size=9, mark="physical"
    )


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)
