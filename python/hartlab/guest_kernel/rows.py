"""The kinds of tables that the kernel model has, for the same tables of a guest."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import _engine


@functools.cache
def _kinds() -> dict[str, np.dtype[Any]]:
    return {name: dtype for name, dtype, _ in _engine.row_types()}


def dtype_of(name: str) -> np.dtype[Any]:
    """The dtype of a kind of table: ``"processes"``, ``"frames"``, ``"free list"``, ``"violations"``."""
    return _kinds()[name]
