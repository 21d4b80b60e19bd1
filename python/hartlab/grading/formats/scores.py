"""CSV for spreadsheets: a row a submission, a column a check. For lecturers: hidden checks are in it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..outcome import Outcome

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write it: submission, status, points, of, a column for each check, and the message.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of one lab.
    path : Path
        The file.
    """
    names = [each.name for each in outcomes[0].results] if outcomes else []
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["submission", "status", "points", "of", *map(as_text, names), "message"])
        for each in outcomes:
            earned = [result.points for result in each.results]
            rows.writerow(
                [
                    as_text(each.submission),
                    each.status,
                    each.points,
                    each.max_points,
                    *earned,
                    as_text(each.message),
                ]
            )


def as_text(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula.

    Parameters
    ----------
    text : str
        Of a stranger.

    Returns
    -------
    str
        The same, behind an apostrophe where it could be one.
    """
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
