"""What every function of this package returns."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import arguments
from ..showing import listing
from . import palette
from .lettering import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .canvas import Canvas

_FORMATS = (".svg", ".png", ".pdf")
_DOTS = 144  # to the inch, of what is drawn as dots even in an SVG: very many points
_MARGIN = 10  # points around a picture that brings its own paper
_EDGE = 2  # around one that stands on the page: half a line of a frame lies outside of it
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "svg.hashsalt": "hartlab",
    "hatch.linewidth": 0.6,
}


class Picture:
    """A picture of the machine's state, taken when it was made: what happens later does not change it.

    It shows itself in a notebook as a drawing in the colours of the page, and prints as text.

    Attributes
    ----------
    title : str
        What it is a picture of.
    alt : str
        Alternative text: what is to be seen, in sentences.
    text : str
        The picture for a terminal.
    data : dict of str to array
        The arrays that it is drawn from, by name.

    Examples
    --------
    >>> import hartlab as hl
    >>> picture = hl.pictures.address(0x3000)
    >>> print(picture.alt)
    Sv39 address 0x3000: VPN[2] 0, VPN[1] 0, VPN[0] 3, offset 0x0.
    """

    def __init__(
        self,
        draw: Callable[[Canvas], tuple[float, float]],
        *,
        title: str,
        alt: str,
        text: str,
        data: Mapping[str, Any],
    ) -> None:
        self._draw = draw
        self.title = printable(title)
        self.alt = printable(alt)
        self.text = "\n".join(map(printable, text.split("\n")))
        self.data: dict[str, Any] = dict(data)

    def svg(self, theme: str | None = None) -> str:
        """Give the picture as SVG.

        Parameters
        ----------
        theme : str, optional
            ``"light"`` or ``"dark"``, with that background; by default there is none, and the ink is dark or
            light as the reader's system prefers.

        Returns
        -------
        str
            A whole SVG file.
        """
        return self._svg(theme, inline=False)

    def figure(self, theme: str = "light") -> Figure:
        """Draw it as a figure of matplotlib, to go on with.

        Parameters
        ----------
        theme : str
            ``"light"`` or ``"dark"``.

        Returns
        -------
        matplotlib.figure.Figure
            A new one.
        """
        with _settings():
            return self._drawn(_theme(theme), paper=True)[1]

    def save(self, path: str | Path, *, theme: str | None = None, dpi: int = 160) -> None:
        """Write it to a file.

        Parameters
        ----------
        path : str or Path
            Ends in ``.svg``, ``.png`` or ``.pdf``.
        theme : str, optional
            ``"light"`` or ``"dark"``. By default an SVG suits the reader's preference, and the others are
            light.
        dpi : int
            Of a PNG: dots per inch.

        Raises
        ------
        ValueError
            For any other ending or theme.
        ModuleNotFoundError
            Without matplotlib.
        """
        path, dpi = Path(path), arguments.integer("dpi", dpi, 20, 1200)
        ending = path.suffix.lower()
        if ending not in _FORMATS:
            raise ValueError(f"path={str(path)!r} must end in {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}")
        if ending == ".svg":
            path.write_text(self.svg(theme), encoding="utf-8")
        else:
            path.write_bytes(self._raster(ending.removeprefix("."), _theme(theme or "light"), dpi))

    def _svg(self, theme: str | None, *, inline: bool) -> str:
        _need_matplotlib()
        from . import svg

        with _settings():
            canvas, figure = self._drawn(_theme(theme or "light"), paper=theme is not None)
            file = io.StringIO()
            figure.savefig(file, format="svg", dpi=_DOTS, metadata={"Date": None})
        return svg.polished(
            file.getvalue(), self.title, self.alt, canvas.tips, adaptive=theme is None, inline=inline
        )

    def _raster(self, kind: str, theme: palette.Theme, dpi: int) -> bytes:
        _need_matplotlib()
        about = {"Title": self.title, ("Subject" if kind == "pdf" else "Description"): self.alt}
        if kind == "pdf":
            about["CreationDate"] = None  # type: ignore[assignment]
        with _settings():
            _, figure = self._drawn(theme, paper=True)
            file = io.BytesIO()
            figure.savefig(file, format=kind, dpi=dpi, metadata=about)
        return file.getvalue()

    def _drawn(self, theme: palette.Theme, *, paper: bool) -> tuple[Canvas, Figure]:
        _need_matplotlib()
        from .canvas import Canvas

        canvas = Canvas(theme)
        width, height = self._draw(canvas)
        if paper:
            canvas.figure.patch.set(visible=True, facecolor=theme.paper)
        return canvas, canvas.finish(width, height, _MARGIN if paper else _EDGE)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        try:
            page = f'<div class="hartlab-picture">{self._svg(None, inline=True)}</div>'
            image = self._raster("png", palette.LIGHT, 144)
        except ModuleNotFoundError as error:
            page = f"{listing(self.text)}<p>{escape(str(error))}</p>"
            return {"text/html": page, "text/plain": f"{self.text}\n{error}"}
        # The PNG is for exports that do not go by way of HTML, such as PDF made by LaTeX.
        return {"text/html": page, "image/png": image, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def _theme(name: str) -> palette.Theme:
    return palette.THEMES[arguments.choice("theme", name, palette.THEMES)]


def _need_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "a picture is drawn by matplotlib, which is not installed here: pip install 'hartlab[viz]' "
            "(the text of it, picture.text, needs nothing)",
            name=error.name,
        ) from None


@contextmanager
def _settings() -> Iterator[None]:
    """matplotlib as these pictures need it, whatever style the notebook has set."""
    _need_matplotlib()
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
