"""A sheet to draw on: matplotlib's artists in coordinates of points, from the top left corner down.

Whatever stands for a thing of the machine carries a mark, a name by which the SVG's reader and the tests find
it, and may carry a tip, which a browser shows under the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from . import palette
from .lettering import printable

POINTS = 72  # to the inch
SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"
# How strong the ink is: words and edges; what is less important; lines behind; a tint.
TONES = {"ink": 1.0, "soft": 0.72, "line": 0.4, "wash": 0.08}

Point = tuple[float, float]


class Canvas:
    """A figure in the making; `finish` gives it its size."""

    def __init__(self, theme: palette.Theme) -> None:
        self.theme = theme
        self.figure = Figure(dpi=POINTS)
        self.figure.patch.set_visible(False)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.tips: dict[str, str] = {}
        self._plots: list[tuple[Axes, float, float, float, float]] = []

    def finish(self, width: float, height: float, margin: float) -> Figure:
        """Set the size of the sheet, in points, and of a margin around it."""
        whole, tall = width + 2 * margin, height + 2 * margin
        self.figure.set_size_inches(whole / POINTS, tall / POINTS)
        self.axes.set_xlim(-margin, width + margin)
        self.axes.set_ylim(height + margin, -margin)
        for axes, x, y, w, h in self._plots:
            axes.set_position(((x + margin) / whole, 1 - (y + margin + h) / tall, w / whole, h / tall))
        return self.figure

    def colour(self, colour: str | None) -> tuple[str, float] | str:
        """A tone of the ink, or a colour as it is."""
        if colour is None:
            return "none"
        return (self.theme.ink, TONES[colour]) if colour in TONES else colour

    def _add(self, artist: Any, mark: str, tip: str) -> None:
        self._name(artist, mark, tip)
        artist.set_clip_on(False)
        self.axes.add_artist(artist)

    def _name(self, artist: Any, mark: str, tip: str) -> None:
        if mark:
            artist.set_gid(f"mark:{printable(mark)}")
        if mark and tip:
            self.tips[printable(mark)] = printable(tip, 400)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str | None = None,
        *,
        edge: str | None = "line",
        hatch: str = "",
        dashed: bool = False,
        line: float = 0.7,
        rounded: float = 0,
        strength: float = 1,
        mark: str = "",
        tip: str = "",
    ) -> None:
        """A rectangle from its top left corner; its colour may be less than full."""
        style: dict[str, Any] = {
            "facecolor": self.colour(fill) if strength == 1 else (fill, strength),
            "edgecolor": self.colour(edge),
            "linewidth": line if edge else 0,
            "linestyle": (0, (3, 2)) if dashed else "solid",
        }
        if hatch:
            style |= {"hatch": hatch, "hatch_linewidth": 0.6}
            style["hatchcolor"] = (
                self.colour("line") if not fill or fill in TONES else (palette.on(fill), 0.45)
            )
        patch: Rectangle | FancyBboxPatch
        if rounded:
            patch = FancyBboxPatch(
                (x, y), width, height, boxstyle=f"round,pad=0,rounding_size={rounded}", **style
            )
        else:
            patch = Rectangle((x, y), width, height, **style)
        self._add(patch, mark, tip)

    def text(
        self,
        x: float,
        y: float,
        text: object,
        *,
        size: float = 9,
        anchor: str = "left",
        colour: str = "ink",
        mono: bool = False,
        bold: bool = False,
        turn: float = 0,
        limit: int = 200,
        mark: str = "",
        tip: str = "",
    ) -> None:
        """A line of text whose middle is at the height `y`, or which begins there when it is turned."""
        shown = printable(text, limit)
        if not shown.strip():
            return
        artist = self.axes.text(
            x,
            y if turn else y + 0.36 * size,
            shown,
            fontsize=size,
            ha=anchor,
            va="top" if turn else "baseline",
            rotation=turn,
            family=MONO if mono else SANS,
            weight="bold" if bold else "normal",
            color=self.colour(colour),
            parse_math=False,
        )
        self._name(artist, mark, tip)

    def line(
        self,
        points: Sequence[Point],
        colour: str = "line",
        *,
        width: float = 0.8,
        dashed: bool = False,
        arrow: bool = False,
        mark: str = "",
        tip: str = "",
    ) -> None:
        """Straight lines through points; an arrow ends in a head."""
        xs, ys = zip(*points, strict=True)
        style: Any = (0, (3, 2)) if dashed else "solid"
        self._add(Line2D(xs, ys, color=self.colour(colour), linewidth=width, linestyle=style), mark, tip)
        if arrow:
            self._head(points[-2], points[-1], colour, width)

    def curve(
        self,
        start: Point,
        end: Point,
        colour: str = "line",
        *,
        width: float = 0.8,
        dashed: bool = False,
        arrow: bool = False,
        mark: str = "",
        tip: str = "",
    ) -> None:
        """A line that leaves and arrives level."""
        (x0, y0), (x1, y1) = start, end
        middle = (x0 + x1) / 2
        path = Path(
            [start, (middle, y0), (middle, y1), end], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        )
        patch = PathPatch(
            path,
            facecolor="none",
            edgecolor=self.colour(colour),
            linewidth=width,
            linestyle=(0, (3, 2)) if dashed else "solid",
        )
        self._add(patch, mark, tip)
        if arrow:
            self._head((middle, y1), end, colour, width)

    def image(self, x: float, y: float, cell: float, pixels: Any, *, mark: str = "", tip: str = "") -> None:
        """A map of squares: `pixels` has the shape (rows, columns, 4), red, green, blue and alpha."""
        rows, wide = pixels.shape[:2]
        self.strip(x, y, wide * cell, rows * cell, pixels, mark=mark, tip=tip)

    def strip(
        self, x: float, y: float, width: float, height: float, pixels: Any, *, mark: str = "", tip: str = ""
    ) -> None:
        """A map of rectangles that fills a place; `pixels` as for `image`."""
        image = AxesImage(
            self.axes, extent=(x, x + width, y + height, y), origin="upper", interpolation="none"
        )
        image.set_data(pixels)
        self._add(image, mark, tip)

    def sign(self, x: float, y: float, marker: str, colour: str, *, mark: str = "", tip: str = "") -> None:
        """A small sign, by matplotlib's letter for it."""
        line = Line2D(
            [x],
            [y],
            linestyle="none",
            marker=marker,
            markersize=8,
            markerfacecolor=self.colour(colour),
            markeredgecolor="none",
        )
        self._add(line, mark, tip)

    def _head(self, before: Point, tip: Point, colour: str, width: float) -> None:
        dx, dy = tip[0] - before[0], tip[1] - before[1]
        length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
        dx, dy, size = dx / length, dy / length, 3.5 + width
        base = (tip[0] - size * dx, tip[1] - size * dy)
        half = size * 0.45
        corners = [
            tip,
            (base[0] - half * dy, base[1] + half * dx),
            (base[0] + half * dy, base[1] - half * dx),
        ]
        self._add(Polygon(corners, facecolor=self.colour(colour), edgecolor="none"), "", "")

    def plot(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes with scales, for curves and points, at a place on the sheet."""
        axes = self.figure.add_axes((0, 0, 1, 1))
        self._plots.append((axes, x, y, width, height))
        axes.set_facecolor("none")
        ink = self.colour("soft")
        axes.tick_params(labelsize=8, colors=self.colour("line"), labelcolor=ink, labelfontfamily=SANS)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(self.colour("line"))
        return axes
