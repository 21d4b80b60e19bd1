"""The bits of a virtual address, split as Sv39 splits them: a strip that several pictures begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..constants import PX
from . import palette

if TYPE_CHECKING:
    from .canvas import Canvas

_DIGIT = 8.6  # points for a bit
_SIGN = 60.0  # for bits 63 to 39, which are not drawn one by one
_GAP = 7.0
FIELDS = (("sign", 63, 39), ("VPN[2]", 38, 30), ("VPN[1]", 29, 21), ("VPN[0]", 20, 12), ("offset", 11, 0))
COLOURS = {"VPN[2]": palette.SKY, "VPN[1]": palette.GREEN, "VPN[0]": palette.ORANGE, "offset": palette.YELLOW}
WIDTH = 39 * _DIGIT + _SIGN + 4 * _GAP + 2
HEIGHT = 62.0


@dataclass(frozen=True)
class Split:
    """An address, and what Sv39 makes of it."""

    va: int

    @property
    def canonical(self) -> bool:
        """Whether bits 63 to 39 repeat bit 38, as the hardware demands [priv 4.4.1]."""
        return self.va >> 38 in (0, (1 << 26) - 1)

    @property
    def indices(self) -> tuple[int, int, int]:
        """VPN[2], VPN[1] and VPN[0]."""
        return PX(2, self.va), PX(1, self.va), PX(0, self.va)

    @property
    def offset(self) -> int:
        """The place in the page."""
        return self.va & 0xFFF

    def field(self, high: int, low: int) -> int:
        """Bits `high` to `low`."""
        return self.va >> low & ((1 << (high - low + 1)) - 1)

    def table(self) -> np.ndarray:
        """The fields as an array."""
        rows = [(name, high, low, self.field(high, low)) for name, high, low in FIELDS]
        return np.array(rows, dtype=[("field", "U8"), ("high", "i4"), ("low", "i4"), ("value", "u8")])

    def words(self) -> str:
        """In a sentence."""
        two, one, zero = self.indices
        text = (
            f"Sv39 address {self.va:#x}: VPN[2] {two}, VPN[1] {one}, VPN[0] {zero}, offset {self.offset:#x}."
        )
        return text if self.canonical else f"{text} It is not canonical: bits 63 to 39 differ from bit 38."


def _width(name: str, high: int, low: int) -> float:
    return _SIGN if name == "sign" else (high - low + 1) * _DIGIT


def draw_form(canvas: Canvas, x: float, y: float) -> None:
    """Draw the strip of no address in particular: names, and which bits they are."""
    for name, high, low in FIELDS:
        sign, width = name == "sign", _width(name, high, low)
        canvas.box(x, y, width, 17, "wash" if sign else COLOURS[name], mark=f"bits {name}")
        colour = "ink" if sign else palette.BLACK
        canvas.text(x + width / 2, y + 8.5, name, anchor="center", colour=colour, bold=not sign)
        canvas.text(x + width / 2, y + 25, f"{high} … {low}", anchor="center", size=8, colour="soft")
        x += width + _GAP


def draw(canvas: Canvas, split: Split, x: float, y: float) -> None:
    """Draw the strip: names above, bits, and their values below."""
    for name, high, low in FIELDS:
        value = split.field(high, low)
        sign, width = name == "sign", _width(name, high, low)
        tip = f"bits {high} to {low}: {value:#x}"
        canvas.text(
            x + width / 2, y + 5, "63 … 39" if sign else name, anchor="center", size=8.5, bold=not sign
        )
        if sign:
            wrong = not split.canonical
            canvas.box(x, y + 14, width, 17, palette.ALARM if wrong else "wash", mark="bits sign", tip=tip)
            same = "all 0" if value == 0 else "all 1" if value == (1 << 25) - 1 else f"{value:#x}"
            colour = palette.on(palette.ALARM) if wrong else "ink"
            canvas.text(x + width / 2, y + 22.5, same, anchor="center", size=8.5, mono=True, colour=colour)
        else:
            canvas.box(x, y + 14, width, 17, COLOURS[name], mark=f"bits {name}", tip=tip)
            for i in range(high, low - 1, -1):
                where = x + (high - i + 0.5) * _DIGIT
                digit, mark = str(split.va >> i & 1), f"bit {i}"
                black = palette.BLACK
                canvas.text(
                    where, y + 22.5, digit, anchor="center", size=9, mono=True, colour=black, mark=mark
                )
        below = "sign" if sign else f"{value:#x}" if name == "offset" else str(value)
        canvas.text(x + width / 2, y + 39, below, anchor="center", size=9, mono=True, mark=f"value {name}")
        x += width + _GAP


def lines(split: Split) -> str:
    """The strip for a terminal."""
    tops, bits, values = [], [], []
    for name, high, low in FIELDS:
        value, size = split.field(high, low), high - low + 1
        text = f"{value:0{size}b}"
        if name == "sign":
            text = f"{text[0]}…{text[-1]}" if text.count(text[0]) == size else f"{value:#x}"
        shown = f"{value:#x}" if name in ("offset", "sign") else str(value)
        width = max(len(name), len(text), len(shown))
        tops.append(name.ljust(width))
        bits.append(text.ljust(width))
        values.append(shown.ljust(width))
    return "\n".join("  ".join(part).rstrip() for part in (tops, bits, values))
