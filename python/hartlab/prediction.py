"""A guess made before a cell is run, held against what the machine did: for notebooks."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

_COLOURS = {None: "gray", True: "#0a7d5a", False: "#c8500a"}  # as the reports of labs have them
_MARKS = {None: "?", True: "✓", False: "✗"}


class Prediction:
    """What was predicted and what was found: what `prediction` gives.

    Attributes
    ----------
    guess : int, bool, str, sequence of these, or None
        What was predicted; None when nothing was.
    found : int, bool, str or list of these
        What came.
    why : str
        A sentence on why it came so.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.prediction(2, 2).right
    True
    """

    def __init__(self, guess: Any, found: Any, why: str = "") -> None:
        self.guess = None if guess is None else _plain(guess)
        self.found = _plain(found)
        self.why = why

    @property
    def right(self) -> bool | None:
        """Whether the guess was right; None when there was none. Text may be in any case."""
        return None if self.guess is None else _folded(self.guess) == _folded(self.found)

    @property
    def verdict(self) -> str:
        """The outcome as a sentence."""
        if self.right is None:
            return f"No prediction yet. It is {_said(self.found)}."
        if self.right:
            return f"As you predicted: {_said(self.found)}."
        return f"You predicted {_said(self.guess)}. It is {_said(self.found)}."

    def __repr__(self) -> str:
        return " ".join(part for part in (_MARKS[self.right], self.verdict, self.why) if part)

    def _repr_html_(self) -> str:
        colour = _COLOURS[self.right]
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 2px 10px">'
            f'<b><span style="color: {colour}">{_MARKS[self.right]}</span> {escape(self.verdict)}</b>'
            f"{' ' + escape(self.why) if self.why else ''}</div>"
        )


def prediction(guess: Any, found: Any, why: str = "") -> Prediction:
    """Hold a guess that was made before a cell was run against what came.

    The result shows itself, as the last line of a notebook cell. None is no guess: then it says what came, so
    that a notebook in which nothing has been filled in runs through all the same.

    Parameters
    ----------
    guess : int, bool, str, sequence of these, or None
        What was predicted.
    found : int, bool, str, or array or sequence of these
        What came.
    why : str, optional
        A sentence on why, shown in any case.

    Returns
    -------
    Prediction
        With ``right``: True, False, or None without a guess.

    Raises
    ------
    TypeError
        When found is None, or why is no text.

    Examples
    --------
    >>> import hartlab as hl
    >>> proc = hl.Kernel().spawn(code=hl.asm("here: j here"))
    >>> guess = 3       # a root, and two more?
    >>> hl.prediction(guess, len({*proc.page_table.entries(tables=True)["level"]}))
    ✓ As you predicted: 3.
    >>> hl.prediction(None, hl.PGSIZE * 2, "Two pages.")
    ? No prediction yet. It is 8192 (0x2000). Two pages.
    """
    if found is None:
        raise TypeError("found is None: give what came, a number, text or a list of these")
    if not isinstance(why, str):
        raise TypeError(f"why must be text, not {type(why).__name__}")
    return Prediction(guess, found, why)


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's, other sequences as lists."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    return [_plain(item) for item in value] if isinstance(value, list | tuple | range) else value


def _folded(value: Any) -> Any:
    if isinstance(value, list):
        return [_folded(item) for item in value]
    return value.strip().casefold() if isinstance(value, str) else value


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_said(item) for item in value) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value >= 4096:
        return f"{value} ({value:#x})"
    return str(value)
