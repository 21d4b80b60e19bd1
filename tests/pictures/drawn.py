"""What an SVG really shows: its marked parts, with their words, colours and places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import hartlab as hl

SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Mark:
    """A part of the drawing that stands for something."""

    name: str
    tip: str
    words: str
    fill: str | None
    dashed: bool
    box: tuple[float, float, float, float]  # left, top, right, bottom
    hatched: bool = False

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def root_of(picture: hl.pictures.Picture, theme: str | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg(theme))


def marks(picture: hl.pictures.Picture) -> dict[str, Mark]:
    """Every marked part by name; a name that is drawn twice must look the same twice."""
    found: dict[str, Mark] = {}
    for group in root_of(picture).iter(f"{SVG}g"):
        name = group.get("data-mark")
        if name is not None:
            found[name] = _mark(name, group)
    return found


def starting(picture: hl.pictures.Picture, prefix: str) -> dict[str, Mark]:
    """The marks that begin with a word, by the rest of their names."""
    return {
        name.removeprefix(f"{prefix} "): mark
        for name, mark in marks(picture).items()
        if name.startswith(f"{prefix} ")
    }


def words(picture: hl.pictures.Picture) -> list[str]:
    """All texts that are drawn."""
    return ["".join(text.itertext()).strip() for text in root_of(picture).iter(f"{SVG}text")]


def _mark(name: str, group: ElementTree.Element) -> Mark:
    tip = "".join(title.text or "" for title in group.findall(f"{SVG}title"))
    texts = list(group.iter(f"{SVG}text"))
    paths = list(group.iter(f"{SVG}path"))
    styles = [_style(element) for element in paths]
    fills = [style["fill"] for style in styles if "fill" in style]
    fill = next((each for each in fills if each != "none" and not each.startswith("url")), None)
    return Mark(
        name=name,
        tip=tip,
        words=" ".join("".join(text.itertext()).strip() for text in texts),
        fill=fill,
        dashed=any("stroke-dasharray" in style for style in styles),
        box=_box(paths, texts),
        hatched=any(each.startswith("url") for each in fills),
    )


def _style(element: ElementTree.Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.get("style", "").split(";") if ":" in part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _box(paths: list[Any], texts: list[Any]) -> tuple[float, float, float, float]:
    points = []
    for path in paths:
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
        points += list(zip(numbers[::2], numbers[1::2], strict=False))
    for text in texts:
        if text.get("x"):
            points.append((float(text.get("x")), float(text.get("y"))))
    if not points:
        return (0.0, 0.0, 0.0, 0.0)
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
