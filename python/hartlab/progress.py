"""A bar that says how far a long piece of work is: tqdm's, where it is installed and somebody can see it."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

_DELAY = 1.0  # seconds before anything is shown: what is quick needs no bar


class Bar(Protocol):
    """What counts on."""

    def update(self, n: int = 1) -> Any:
        """Say that so many more are done."""


def bar(
    what: str, total: int | None = None, *, done: int = 0, on: bool = True
) -> AbstractContextManager[Bar]:
    """Make a bar, for a `with` block. It shows in a notebook and on a terminal, never in a log file."""
    if not on or importlib.util.find_spec("tqdm") is None:
        return _Silence()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about notebooks without ipywidgets, where none is shown
        from tqdm.autonotebook import tqdm
    if not sys.stderr.isatty() and tqdm.__name__ != "tqdm_notebook":
        return _Silence()
    shown: AbstractContextManager[Bar] = tqdm(total=total, initial=done, unit=f" {what}", delay=_DELAY)
    return shown


class _Silence:
    def update(self, n: int = 1) -> None:
        """Nothing is shown."""

    def __enter__(self) -> _Silence:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass
