"""Colours, hatches and letters: the palette of Okabe and Ito, which colour-blind people can tell apart.

Colour never stands alone: each kind has a letter or a hatch too, and boxes have their names beside them. What
is neither a kind nor a warning is drawn in the ink of the theme, so that it reads on any background.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Theme:
    """The two colours that depend on the background."""

    name: str
    ink: str
    paper: str


LIGHT: Final = Theme("light", "#1c2024", "#ffffff")
DARK: Final = Theme("dark", "#e8eaed", "#14171a")
THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK)}

BLACK, WHITE = "#111111", "#ffffff"
ORANGE, SKY, GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, VERMILION, PURPLE, GREY = "#0072b2", "#d55e00", "#cc79a7", "#9a9a9a"

ALARM: Final = VERMILION  # faults, broken lists, what a walk ended at
CHOICE: Final = BLUE  # what the picture is about: the entry that was taken, the frame that is shared
SERIES: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY, YELLOW)


@dataclass(frozen=True)
class Look:
    """How a kind of memory looks."""

    fill: str | None  # None is the paper
    letter: str
    hatch: str = ""


AREAS: Final = {
    "text": Look(SKY, "t"),
    "rodata": Look(SKY, "r", "||"),
    "data": Look(GREEN, "d"),
    "program": Look(GREEN, "p", "||"),
    "guard": Look(None, "G", "////"),
    "stack": Look(ORANGE, "s"),
    "heap": Look(YELLOW, "h"),
    "hole": Look(None, "."),
    "vma": Look(PURPLE, "v"),
    "stray": Look(VERMILION, "!", "xxxx"),
    "trapframe": Look(BLUE, "T"),
    "trampoline": Look(GREY, "j"),
}

OWNERS: Final = {
    "free": Look(None, "."),
    "kernel_image": Look(GREY, "k"),
    "page_table": Look(VERMILION, "p"),
    "user": Look(SKY, "u"),
    "trapframe": Look(BLUE, "t"),
    "kernel_stack": Look(ORANGE, "s"),
    "pipe": Look(PURPLE, "i"),
    "buffer": Look(GREEN, "b"),
    "unmanaged": Look(None, "-", "||"),
    "lost": Look(BLACK, "L", "xxxx"),
}

_UNKNOWN: Final = Look(GREY, "?", "xx")


def area(kind: str) -> Look:
    """How an area of this kind looks; hostile state may have any name in its place."""
    return AREAS.get(kind, _UNKNOWN)


def owner(kind: str) -> Look:
    """How a frame of this owner looks."""
    return OWNERS.get(kind, _UNKNOWN)


def on(fill: str) -> str:
    """Black or white, whichever has more contrast with a colour (WCAG's relative luminance)."""
    red, green, blue = (((part + 0.055) / 1.055) ** 2.4 for part in rgb(fill))
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else WHITE


def rgb(colour: str) -> tuple[float, float, float]:
    """Red, green and blue from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
