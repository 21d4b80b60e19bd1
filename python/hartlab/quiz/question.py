"""A question with a number for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..labs.report import Result


@dataclass(frozen=True)
class Question:
    """A question of a quiz.

    Attributes
    ----------
    id : str
        By which answers are given.
    text : str
        What is asked.
    given : str
        What it is about: tables in memory, or a program.
    answer : int
        The right one.
    points : int
        What it is worth.
    """

    id: str
    text: str
    given: str
    answer: int
    points: int
    _hint: Callable[[int, int], str] = field(default=lambda given, answer: "", repr=False, compare=False)

    def judge(self, given: Any) -> Result:
        """Say whether an answer is right, and if not, what of it is.

        Parameters
        ----------
        given : int or str
            The answer; text may be hexadecimal, with ``0x``. None when there is none.

        Returns
        -------
        Result
            ``"passed"``, ``"failed"`` or ``"not answered"``.
        """
        if given is None or given == "":
            return Result(self.id, "not answered", 0, self.points)
        number = _number(given)
        if number is None:
            return Result(self.id, "failed", 0, self.points, f"{given!r:.60} is no number")
        if number == self.answer:
            return Result(self.id, "passed", self.points, self.points)
        shown = hex(number) if abs(number) > 4095 else str(number)
        hint = self._hint(number, self.answer)
        return Result(self.id, "failed", 0, self.points, f"it is not {shown}{f': {hint}' if hint else ''}")


def _number(given: Any) -> int | None:
    """An answer as a number; None when it is none."""
    if isinstance(given, bool):
        return None
    try:
        if isinstance(given, str):  # base 0 would take no leading zeros
            return int(given, 10 if given.strip().isdecimal() else 0)
        number = int(given)
        return number if number == given else None  # 3.7 is not 3
    except (TypeError, ValueError, OverflowError):
        return None
