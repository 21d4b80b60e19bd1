"""Curves over time, or over whatever was varied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import arguments, words
from . import palette
from .lettering import columns, listed
from .picture import Picture
from .sources import Array

if TYPE_CHECKING:
    from .canvas import Canvas

_USUAL = ("pages", "miss_rate", "fault_rate")
_NAMES = {
    "pages": "working set, in pages",
    "miss_rate": "TLB misses in look-ups",
    "fault_rate": "faults an instruction",
    "time": "instructions",
}
_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_AXIS, _WIDE, _TALL, _APART = 70.0, 470.0, 104.0, 46.0
_MOST = 8
_BLOCKS = " ▁▂▃▄▅▆▇█"


def curves(*tables: Any, x: str = "", y: Sequence[str] = (), labels: Sequence[str] = ()) -> Picture:
    """Draw columns of tables as curves, a panel for each column: working set, miss rate, fault rate.

    Parameters
    ----------
    *tables : Table or mapping of arrays
        What `hl.working_set` gives, or any table of numbers; up to eight, one curve each in every panel.
    x : str, optional
        The column along the bottom; ``"time"`` by default, or the first one.
    y : sequence of str, optional
        The columns to draw; by default pages, miss_rate and fault_rate, or all others that are numbers.
    labels : sequence of str, optional
        A name for each table.

    Returns
    -------
    Picture
        Its `data`: a table of x and y for each curve, named "y of label", or "y" when there is one table.

    Raises
    ------
    TypeError
        When there is no table, or one has no columns.
    ValueError
        When a column is missing or no number, or labels are for others than these.

    Examples
    --------
    >>> import hartlab as hl
    >>> print(hl.pictures.curves({"ways": [1, 2, 4], "miss_rate": [0.5, 0.25, 0.125]}).alt)
    Curves over ways from 1 to 4. miss_rate: from 0.5 to 0.125, at least 0.125, at most 0.5.
    """
    if not tables:
        raise TypeError("curves() needs a table, such as hl.working_set(kernel) gives")
    if len(tables) > _MOST:
        raise ValueError(f"{len(tables)} tables do not fit a picture; at most {_MOST} do")
    if labels and len(labels) != len(tables):
        raise ValueError(f"labels has {len(labels)} names for {words.plural(len(tables), 'table')}")
    given = [_columns(f"table {number}", table) for number, table in enumerate(tables)]
    x = x or ("time" if "time" in given[0] else next(iter(given[0])))
    chosen = list(y) or _default(given[0], x)
    series = [[_series(columns_, x, name) for columns_ in given] for name in chosen]
    names = [arguments.text("labels", label) for label in labels] or [""] * len(tables)

    def draw(canvas: Canvas) -> tuple[float, float]:
        return _draw(canvas, x, chosen, names, series)

    keys = [
        [f"{name} of {label or number}" if len(tables) > 1 else name for number, label in enumerate(names)]
        for name in chosen
    ]
    return Picture(
        draw,
        title=f"{listed(chosen)} over {x}",
        alt=_alt(x, keys, series),
        text=_text(x, keys, series),
        data=dict(_flat(keys, series)),
    )


def _columns(name: str, table: Any) -> dict[str, Array]:
    if isinstance(table, np.ndarray) and table.dtype.names:
        found = {column: np.asarray(table[column]) for column in table.dtype.names}
    elif hasattr(table, "keys"):
        found = {str(column): np.asarray(table[column]) for column in table.keys()}  # noqa: SIM118
    else:
        raise TypeError(f"{name}={table!r} must be a table with columns, or a mapping of arrays")
    if not found:
        raise TypeError(f"{name} has no columns")
    return found


def _default(found: dict[str, Array], x: str) -> list[str]:
    usual = [name for name in _USUAL if name in found and name != x]
    return usual or [name for name, values in found.items() if name != x and values.dtype.kind in "iufb"]


def _series(found: dict[str, Array], x: str, y: str) -> Array:
    for name in (x, y):
        if name not in found:
            raise ValueError(f"there is no column {name!r}; there are {listed(list(found), 20)}")
        if found[name].dtype.kind not in "iufb" or found[name].ndim != 1:
            raise ValueError(f"column {name!r} is no column of numbers")
    if len(found[x]) != len(found[y]):
        raise ValueError(f"column {y!r} has {len(found[y])} values and {x!r} has {len(found[x])}")
    below = x if x != y else "x"
    made = np.empty(len(found[x]), dtype=[(below, "f8"), (y, "f8")])
    made[below], made[y] = found[x], found[y]
    return made


def _flat(keys: list[list[str]], series: list[list[Array]]) -> list[tuple[str, Array]]:
    return [each for ks, ss in zip(keys, series, strict=True) for each in zip(ks, ss, strict=True)]


def _parts(series: Array) -> tuple[Array, Array]:
    first, second = series.dtype.names or ("", "")
    return series[first], series[second]


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


def _alt(x: str, keys: list[list[str]], series: list[list[Array]]) -> str:
    xs = _finite(np.concatenate([_parts(s)[0] for ss in series for s in ss] or [np.empty(0)]))
    span = f" from {xs.min():g} to {xs.max():g}" if len(xs) else ""
    parts = [f"Curves over {x}{span}."]
    for key, s in (
        (key, s) for ks, ss in zip(keys, series, strict=True) for key, s in zip(ks, ss, strict=True)
    ):
        ys = _finite(_parts(s)[1])
        if len(ys):
            ends = f"from {ys[0]:g} to {ys[-1]:g}"
            parts.append(f"{key}: {ends}, at least {ys.min():g}, at most {ys.max():g}.")
        else:
            parts.append(f"{key}: no values.")
    return " ".join(parts)


def _text(x: str, keys: list[list[str]], series: list[list[Array]]) -> str:
    cells = []
    for key, s in (
        (key, s) for ks, ss in zip(keys, series, strict=True) for key, s in zip(ks, ss, strict=True)
    ):
        ys = _finite(_parts(s)[1])
        if not len(ys):
            cells.append([key, "", "no values"])
            continue
        low, high = float(ys.min()), float(ys.max())
        means = [part.mean() for part in np.array_split(ys, min(len(ys), 60))]
        scale = (len(_BLOCKS) - 1) / (high - min(low, 0) or 1)
        drawn = "".join(_BLOCKS[round((mean - min(low, 0)) * scale)] for mean in means)
        cells.append([key, drawn, f"{low:g} to {high:g}"])
    return f"{columns(cells)}\nover {x}"


def _draw(
    canvas: Canvas, x: str, chosen: list[str], names: list[str], series: list[list[Array]]
) -> tuple[float, float]:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    top = 14.0
    for number, (name, group) in enumerate(zip(chosen, series, strict=True)):
        axes = canvas.plot(_AXIS, top, _WIDE, _TALL)
        for index, one in enumerate(group):
            xs, ys = _parts(one)
            axes.plot(
                xs,
                ys,
                color=palette.SERIES[index % len(palette.SERIES)],
                linestyle=_DASHES[index % len(_DASHES)],
                marker=_MARKERS[index % len(_MARKERS)],
                markersize=4,
                markevery=max(1, len(xs) // 24),
                linewidth=1.5,
                rasterized=len(xs) > 5000,
                gid=f"mark:curve {name} {index}",
            )
        every = np.concatenate([_finite(_parts(one)[1]) for one in group])
        low, high = float(every.min(initial=0)), float(every.max(initial=0))
        axes.set_ylim(low, high + 0.06 * (high - low) or 1)
        axes.grid(axis="y", color=canvas.theme.ink, alpha=0.12, linewidth=0.6)
        whole = all((_finite(_parts(one)[1]) % 1 == 0).all() for one in group)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=whole))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        canvas.text(_AXIS, top - 9, _NAMES.get(name, name), bold=True, size=9, mark=f"panel {name}", limit=60)
        top += _TALL + _APART
        if number == len(chosen) - 1:
            below = top - _APART + 26
            canvas.text(_AXIS + _WIDE / 2, below, _NAMES.get(x, x), size=8.5, anchor="center", colour="soft")
    _draw_legend(canvas, names)
    return _AXIS + _WIDE + (130 if any(names) else 12), top - _APART + 34


def _draw_legend(canvas: Canvas, names: list[str]) -> None:
    x, y = _AXIS + _WIDE + 12, 22.0
    for index, name in enumerate(names):
        if not name:
            continue
        colour = palette.SERIES[index % len(palette.SERIES)]
        canvas.line([(x, y), (x + 20, y)], colour, width=1.5, dashed=index % len(_DASHES) > 0)
        canvas.sign(x + 10, y, _MARKERS[index % len(_MARKERS)], colour)
        canvas.text(x + 26, y, name, size=8.5, limit=18, mark=f"label {index}")
        y += 16
