"""The isolation that this process grades with, found once."""

from __future__ import annotations

import functools
import sys

from .. import arguments
from .jail.levels import LEVELS, Isolation, isolation


class IsolationError(RuntimeError):
    """This computer does not hold submissions as well as was asked for."""


@functools.cache
def isolation_of(at_most: str = LEVELS[-1], required: str = LEVELS[0]) -> Isolation:
    """Find what holds submissions here.

    Raises
    ------
    IsolationError
        When it is less than `required`.
    """
    if sys.platform != "linux":
        raise IsolationError(
            f"submissions are graded on Linux, whose jails hold them; this is {sys.platform}"
        )
    arguments.choice("isolation", at_most, LEVELS)
    arguments.choice("require_isolation", required, LEVELS)
    found = isolation(at_most)
    if LEVELS.index(found.level) < LEVELS.index(required):
        raise IsolationError(
            f"isolation reaches {found.level!r} here, and {required!r} is required; "
            f"docs/explanation/isolation.md says what it takes\n{found}"
        )
    return found
