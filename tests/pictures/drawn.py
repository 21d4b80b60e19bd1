"""What an SVG really shows: its marked parts, with their words, colours and places."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary
from xml.etree import ElementTree

import matplotlib.image
import numpy as np

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


_ROOTS: WeakKeyDictionary[hl.pictures.Picture, ElementTree.Element] = WeakKeyDictionary()


def root_of(picture: hl.pictures.Picture) -> ElementTree.Element:
    """Its SVG, drawn once."""
    if picture not in _ROOTS:
        _ROOTS[picture] = ElementTree.fromstring(picture.svg())
    return _ROOTS[picture]


def marks(picture: hl.pictures.Picture) -> dict[str, Mark]:
    """Every marked part by name; a name that is drawn twice must look the same twice."""
    found: dict[str, Mark] = {}
    for group in root_of(picture).iter():
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
    uses = list(group.iter(f"{SVG}use"))
    paths = [] if uses else list(group.iter(f"{SVG}path"))
    styles = [_style(element) for element in (*paths, *uses)]
    fills = [style["fill"] for style in styles if "fill" in style]
    fill = next((each for each in fills if each != "none" and not each.startswith("url")), None)
    return Mark(
        name=name,
        tip=tip,
        words=" ".join("".join(text.itertext()).strip() for text in texts),
        fill=fill,
        dashed=any("stroke-dasharray" in style for style in styles),
        box=_box(paths, [*texts, *uses]),
        hatched=any(each.startswith("url") for each in fills),
    )


def _style(element: ElementTree.Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.get("style", "").split(";") if ":" in part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _box(paths: list[Any], placed: list[Any]) -> tuple[float, float, float, float]:
    points = []
    for path in paths:
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
        points += list(zip(numbers[::2], numbers[1::2], strict=False))
    for each in placed:
        if each.get("x"):
            points.append((float(each.get("x")), float(each.get("y"))))
    if not points:
        return (0.0, 0.0, 0.0, 0.0)
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def pixels(picture: hl.pictures.Picture, mark: str) -> np.ndarray:
    """The map under a mark as it is in the SVG: red, green, blue and alpha, from 0 to 1."""
    image = next(each for each in root_of(picture).iter(f"{SVG}image") if each.get("data-mark") == mark)
    across, _, _, down, _, _ = re.findall(r"-?[\d.]+", image.get("transform", ""))
    assert float(across) > 0
    raw = base64.b64decode(image.get("{http://www.w3.org/1999/xlink}href", "").partition(",")[2])
    found: np.ndarray = matplotlib.image.imread(io.BytesIO(raw))
    return found if float(down) > 0 else found[::-1]
