"""What a worker does: points, one after the other, each on a clone of a kernel that it has booted once.

A worker is whatever the executor has: this thread, another one, another process, another computer. It keeps
the kernels of a few configurations; a thread never touches another's.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..kernel import Kernel
from . import identity
from .grid import KERNEL_PARAMETERS, Point

_KEPT = 4  # kernels of different configurations that a worker keeps

Values = dict[str, Any]  # what an experiment returned, by column


@dataclass(frozen=True)
class Outcome:
    """What came of a point: values, or the message of what went wrong."""

    values: Values | None = None
    error: str = ""


@dataclass(frozen=True)
class Job:
    """What is to be done for every point."""

    experiment: Callable[..., Any]
    prepare: Callable[[Kernel], Any] | None
    passed: frozenset[str]

    def run(self, point: Point, bases: Bases) -> Outcome:
        try:
            base = bases.of({name: point[name] for name in point if name in KERNEL_PARAMETERS}, self.prepare)
            with base.clone() as kernel:
                given = {name: value for name, value in point.items() if name in self.passed}
                return Outcome(_values(self.experiment(kernel, **given), point))
        except (Exception, SystemExit) as error:
            return Outcome(error=f"{type(error).__name__}: {error}")


class Bases:
    """The kernels that points are cloned from, by configuration; the one used longest ago makes room."""

    def __init__(self) -> None:
        self._kernels: OrderedDict[str, Kernel] = OrderedDict()

    def of(self, config: Point, prepare: Callable[[Kernel], Any] | None) -> Kernel:
        """The kernel of a configuration, booted and prepared when it is not there yet."""
        key = identity.key(config)
        if key not in self._kernels:
            kernel = Kernel(**config)
            if prepare is not None:
                prepare(kernel)
            self._kernels[key] = kernel
            if len(self._kernels) > _KEPT:
                self._kernels.popitem(last=False)[1].close()
        self._kernels.move_to_end(key)
        return self._kernels[key]


_own = threading.local()


def run_points(pickled: bytes, points: Sequence[Point]) -> list[Outcome]:
    """Run the job, which is pickled, for some points."""
    if getattr(_own, "pickled", None) != pickled:
        import cloudpickle

        _own.job, _own.bases, _own.pickled = cloudpickle.loads(pickled), Bases(), pickled
    return [_own.job.run(point, _own.bases) for point in points]


def _values(result: Any, point: Point) -> Values:
    named = result if isinstance(result, dict) else {"result": result}
    if not named:
        raise TypeError("the experiment returned an empty dict")
    for name in named:
        if not isinstance(name, str):
            raise TypeError(
                f"the experiment returned a dict with the key {name!r}; a column is called by a str"
            )
        if name in point or name == "error":
            raise ValueError(f"the experiment returned {name!r}, which the table has already")
    return {name: _plain(name, value) for name, value in named.items()}


def _plain(name: str, value: Any) -> Any:
    """A value as the table and the file keep it: bool, int, float, str, or an array of its own."""
    if isinstance(value, (list, tuple, np.ndarray)):
        array = np.array(value, subok=False)
        if not array.dtype.hasobject:
            return array if array.ndim else array.item()
    if isinstance(value, np.generic):
        value = value.item()
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    what = "None (is a return missing?)" if value is None else f"a {type(value).__name__}"
    raise TypeError(f"the experiment returned {what} as {name!r}; it must be a number, bool, text or array")
