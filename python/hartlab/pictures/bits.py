"""A word as bit fields with their names and meanings, and a trapframe as its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, system_calls
from ..process import Process
from . import palette
from .formats import FORMATS, TRAPFRAME, Field, remark, shown, unnamed
from .lettering import columns, listed
from .picture import Picture

if TYPE_CHECKING:
    from .canvas import Canvas

_WIDTH, _TOP, _BOX, _LINE = 640.0, 26.0, 24.0, 15.0
_COLOURS = (palette.SKY, palette.ORANGE, palette.GREEN, palette.YELLOW, palette.PURPLE)
_TRAPFRAME = "trapframe"
_FIELDS = [("field", "U12"), ("high", "i4"), ("low", "i4"), ("value", "u8")]


def bits(value: Any, format: str = "pte") -> Picture:
    """Draw a word as its bit fields: a page-table entry, an address, a control register; or a trapframe.

    Parameters
    ----------
    value : int, mapping or Process
        The word, 64 bits; or a hart's ``csrs``, of which the register named by `format` is taken. For
        ``"trapframe"``: a Process, or its ``trapframe``.
    format : str
        ``"pte"``, ``"va"``, ``"trapframe"``, or a register: ``"satp"``, ``"sstatus"``, ``"mstatus"``,
        ``"scause"``, ``"stvec"``, ``"sie"``, ``"sip"`` and so on.

    Returns
    -------
    Picture
        Its `data`: fields (field, high, low, value); of a trapframe words (name, offset, value).
        [priv 3.1, 4.1, 4.4]

    Raises
    ------
    ValueError
        When there is no such format.
    TypeError
        When value is not what the format takes.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.pictures.bits(0x8000000000081F9B, "satp")
    satp 0x8000000000081f9b
    63:60  MODE      8  Sv39                    how addresses are translated
    59:44  ASID      0                          address-space identifier
     43:0  PPN   0x81f9b  physical 0x81f9b000     physical page number of the root table
    """
    arguments.choice("format", format, (*FORMATS, _TRAPFRAME))
    if format == _TRAPFRAME:
        return _trapframe(value)
    if hasattr(value, "keys"):
        value = value[format]
    word = arguments.integer("value", value, 0, (1 << 64) - 1)
    fields = FORMATS[format]
    rows = [(field.name, field.high, field.low, field.value(word)) for field in fields]
    said = remark(format, word)
    rest = unnamed(fields, word)

    def draw(canvas: Canvas) -> tuple[float, float]:
        return _draw_word(canvas, format, word, fields, said, rest)

    names = [f"{field.name} {shown(field, word)}{_also(field, word)}" for field in fields]
    return Picture(
        draw,
        title=f"{format} {word:#x}",
        alt=f"{format} {word:#x}{f', {said}' if said else ''}: {listed(names, 24)}.",
        text=_text(format, word, fields, said, rest),
        data={
            "fields": np.array(rows, dtype=[("field", "U12"), ("high", "i4"), ("low", "i4"), ("value", "u8")])
        },
    )


def _says(field: Field, word: int) -> str:
    return field.says(field.value(word)) if field.says else ""


def _also(field: Field, word: int) -> str:
    said = _says(field, word)
    return f" ({said})" if said else ""


def _place(field: Field) -> str:
    return str(field.high) if field.width == 1 else f"{field.high}:{field.low}"


def _text(name: str, word: int, fields: tuple[Field, ...], said: str, rest: int) -> str:
    cells = [
        [_place(f), f.name, shown(f, word), f.says(f.value(word)) if f.says else "", f.meaning]
        for f in fields
    ]
    lines = [f"{name} {word:#x}{f'  {said}' if said else ''}", columns(cells, "rlrll")]
    return "\n".join([*lines, f"other bits: {rest:#x}"] if rest else lines)


def _draw_word(
    canvas: Canvas, name: str, word: int, fields: tuple[Field, ...], said: str, rest: int
) -> tuple[float, float]:
    canvas.text(0, 7, f"{name} {word:#x}", size=11, mono=True, bold=True, mark="word")
    canvas.text(16 + 6.7 * (len(name) + len(f"{word:#x}")), 7, said, colour="soft", mark="remark")
    boxes = _boxes(fields)
    for number, (field, x, width) in enumerate(boxes):
        y = _TOP
        if field is None:  # bits that have no name
            canvas.box(x, y + 12, width, _BOX, "wash", hatch="//", edge="line")
            continue
        colour = _COLOURS[number % len(_COLOURS)]
        tip = f"{field.name}, bits {_place(field)}: {field.value(word):#x}. {field.meaning}"
        clear = field.value(word) == 0  # so that what is set stands out
        fill, ink = (None, "ink") if clear else (colour, palette.BLACK)
        canvas.box(x, y + 12, width, _BOX, fill, edge="soft", mark=f"field {field.name}", tip=tip)
        value = shown(field, word)
        canvas.text(
            x + width / 2, y + 12 + _BOX / 2, value, anchor="center", mono=True, bold=not clear, colour=ink
        )
        if field.width == 1:
            canvas.text(x + width / 2, y + 5, field.high, size=7, anchor="center", colour="soft")
        else:
            canvas.text(x + 3, y + 5, field.high, size=7, colour="soft")
            canvas.text(x + width - 3, y + 5, field.low, size=7, anchor="right", colour="soft")
        size = 8.5 if 5.6 * len(field.name) < width + 2 else 6.5
        canvas.text(x + width / 2, y + _BOX + 19, field.name, size=size, anchor="center")
    y = _TOP + _BOX + 40
    for field in fields:
        at = next(i for i, box in enumerate(boxes) if box[0] is field)
        canvas.box(0, y - 5, 10, 10, _COLOURS[at % len(_COLOURS)] if field.value(word) else None)
        canvas.text(50, y, _place(field), size=8, mono=True, anchor="right", colour="soft")
        canvas.text(58, y, field.name, bold=True, size=8.5)
        canvas.text(
            176, y, shown(field, word), size=8.5, mono=True, anchor="right", mark=f"value {field.name}"
        )
        also = field.says(field.value(word)) if field.says else ""
        canvas.text(188, y, also, size=8.5, mark=f"says {field.name}")
        canvas.text(330, y, field.meaning, size=8.5, colour="soft", limit=70)
        y += _LINE
    if rest:
        canvas.text(58, y, f"other bits: {rest:#x}", size=8.5, colour=palette.ALARM, bold=True, mark="rest")
        y += _LINE
    return _WIDTH, y


def _boxes(fields: tuple[Field, ...]) -> list[tuple[Field | None, float, float]]:
    """Where each field goes, bits without a name in between: wide ones wider, but none too narrow to read."""
    parts: list[tuple[Field | None, int, float]] = []
    above = 64
    for field in fields:
        if field.high + 1 < above:
            parts.append((None, above - field.high - 1, 9.0))
        parts.append((field, field.width, 22.0 if len(field.name) < 3 else 30.0))
        above = field.low
    if above > 0:
        parts.append((None, above, 9.0))
    spare = _WIDTH - sum(least for _, _, least in parts)
    bits_ = sum(count - 1 for _, count, _ in parts) or 1
    made: list[tuple[Field | None, float, float]] = []
    x = 0.0
    for part, count, least in parts:
        width = least + max(spare, 0) * (count - 1) / bits_
        made.append((part, x, width))
        x += width
    return made


# -- trapframes ----------------------------------------------------------------------------------------------


def _trapframe(value: Any) -> Picture:
    title = "A trapframe"
    if isinstance(value, Process):
        title, value = f"The trapframe of pid {value.pid} {value.name!r}", value.trapframe
    if not hasattr(value, "keys"):
        raise TypeError(f"value={value!r} must be a Process or what process.trapframe gives")
    missing = [name for name, _ in TRAPFRAME if name not in value]
    if missing:
        raise ValueError(f"value is no trapframe: it has no {', '.join(missing[:5])}")
    rows = [(name, 8 * i, int(value[name])) for i, (name, _) in enumerate(TRAPFRAME)]
    says = dict(TRAPFRAME)
    call = system_calls.NAMES.get(int(value["a7"]))
    if call:
        says["a7"] = f"{says['a7']}: {call}"

    def draw(canvas: Canvas) -> tuple[float, float]:
        canvas.text(0, 7, title, size=11, bold=True)
        half = -(-len(rows) // 2)
        for number, (name, offset, word) in enumerate(rows):
            x, y = (0.0, 340.0)[number // half], 34 + 15.5 * (number % half)
            colour = "wash" if name.startswith("kernel") else palette.ORANGE if name == "epc" else palette.SKY
            if name[0] == "a" and name != "asid":
                colour = palette.YELLOW
            canvas.text(x + 24, y, offset, size=7.5, mono=True, anchor="right", colour="soft")
            canvas.box(
                x + 30, y - 7, 72, 14, colour, mark=f"word {name}", tip=f"{name} = {word:#x}: {says[name]}"
            )
            ink = "ink" if colour == "wash" else palette.BLACK
            canvas.text(x + 66, y, name, size=8, anchor="center", colour=ink, bold=True)
            canvas.text(x + 198, y, f"{word:#x}", size=8, mono=True, anchor="right", mark=f"value {name}")
            canvas.text(x + 206, y, says[name], size=8, colour="soft", limit=34)
        return 680, 34 + 15.5 * half - 4

    cells = [[str(offset), name, f"{word:#x}", says[name]] for name, offset, word in rows]
    told = [f"{name} {int(value[name]):#x}" for name in ("epc", "sp", "ra", "a0", "a7")]
    return Picture(
        draw,
        title=title,
        alt=f"{title}: 36 words; {listed(told)}{f', the system call {call}' if call else ''}.",
        text=f"{title}\n{columns(cells, 'rlrl')}",
        data={"words": np.array(rows, dtype=[("name", "U16"), ("offset", "i4"), ("value", "u8")])},
    )
