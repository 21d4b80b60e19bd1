"""The points of a sweep, and which of their parameters are the kernel's."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from .. import arguments
from ..kernel import Kernel
from . import identity

Point = dict[str, Any]

KERNEL_PARAMETERS = frozenset(inspect.signature(Kernel).parameters)


def points_of(grid: Any) -> list[Point]:
    """List the points of a grid: of a mapping all combinations, the last name changing fastest."""
    if isinstance(grid, Mapping):
        axes = [_values(name, values) for name, values in grid.items()]
        points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*axes)]
    elif isinstance(grid, Iterable) and not isinstance(grid, (str, bytes)):
        points = [_point(each) for each in grid]
    else:
        raise TypeError(f'grid={grid!r} must be a dict such as {{"pages": [1, 2, 4]}}, or a list of points')
    if not points:
        raise ValueError("grid has no points")
    names = points[0].keys()
    for i, point in enumerate(points):
        if point.keys() != names:
            raise ValueError(
                f"grid[{i}] has the parameters {', '.join(point)}; those before it have {', '.join(names)}"
            )
    _check_distinct(points)
    return points


def _values(name: str, values: Any) -> list[Any]:
    arguments.text("a name of the grid", name, "'pages'")
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise TypeError(f"grid[{name!r}]={values!r} must be a list of values: [{values!r}]")
    listed = [_plain(value) for value in values]
    if not listed:
        raise ValueError(f"grid[{name!r}] has no values")
    return listed


def _point(point: Any) -> Point:
    arguments.instance("a point of the grid", point, Mapping, 'a dict such as {"pages": 4}')
    return {arguments.text("a name of the grid", name): _plain(value) for name, value in point.items()}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _check_distinct(points: list[Point]) -> None:
    seen: set[str] = set()
    for point in points:
        try:
            key = identity.key(point)
        except TypeError as error:
            raise TypeError(f"a value of the grid: {error}") from None
        if key in seen:
            raise ValueError(f"the point {key} is twice in the grid")
        seen.add(key)


def passed_names(experiment: Callable[..., Any], names: Iterable[str]) -> frozenset[str]:
    """The parameters of a point that the experiment is given; the others are the kernel's alone.

    Raises TypeError when the experiment has no such parameters, or has others that the grid does not name.
    """
    if not callable(experiment):
        raise TypeError(f"experiment={experiment!r} must be a function: def experiment(kernel, **point)")
    called = getattr(experiment, "__name__", "experiment")
    parameters = list(inspect.signature(experiment).parameters.values())
    kinds = inspect.Parameter
    if not parameters or parameters[0].kind not in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD):
        raise TypeError(
            f"{called} must take the kernel as its first parameter: def {called}(kernel, **point)"
        )
    own = [each for each in parameters[1:] if each.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    names = frozenset(names)
    if parameters[0].name in names:
        raise ValueError(
            f"the grid names {parameters[0].name!r}, which is {called}'s parameter for the kernel"
        )
    missing = [each.name for each in own if each.default is kinds.empty and each.name not in names]
    if missing:
        raise TypeError(f"{called} needs {', '.join(missing)}, which the grid does not name")
    if any(each.kind is kinds.VAR_KEYWORD for each in parameters):
        return names
    accepted = names & {each.name for each in own}
    unknown = sorted(names - accepted - KERNEL_PARAMETERS)
    if unknown:
        raise TypeError(
            f"the grid names {', '.join(unknown)}: a parameter neither of {called} nor of hartlab.Kernel"
        )
    return accepted
