"""The bits of a virtual address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import arguments
from . import split as strips
from .picture import Picture

if TYPE_CHECKING:
    from .canvas import Canvas


def address(va: int) -> Picture:
    """Draw a virtual address as Sv39 splits it: three indices of nine bits, and an offset of twelve.

    Parameters
    ----------
    va : int
        Virtual address, 64 bits; one that is not canonical is shown as such.

    Returns
    -------
    Picture
        Its `data`: fields (field, high, low, value). [priv 4.4.1]

    Raises
    ------
    ValueError
        When va does not fit 64 bits.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.pictures.address(0x3FFFFFE010)
    sign  VPN[2]     VPN[1]     VPN[0]     offset
    0…0   011111111  111111111  111111110  000000010000
    0x0   255        511        510        0x10
    """
    split = strips.Split(arguments.address("va", va))

    def draw(canvas: Canvas) -> tuple[float, float]:
        canvas.text(0, 6, f"{split.va:#x}", size=11, mono=True, bold=True, mark="va")
        if not split.canonical:
            canvas.text(90, 6, "not canonical: bits 63 to 39 must repeat bit 38", colour="soft")
        strips.draw(canvas, split, 0, 20)
        return strips.WIDTH, 20 + strips.HEIGHT - 14

    return Picture(
        draw,
        title=f"The bits of {split.va:#x}",
        alt=split.words(),
        text=strips.lines(split),
        data={"fields": split.table()},
    )
