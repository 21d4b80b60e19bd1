"""The CSV that ``nbgrader export`` writes: what ``hartlab grade`` has found goes where nbgrader's grades go.

Source: nbgrader documentation, ``nbgrader export``
(https://nbgrader.readthedocs.io/en/stable/command_line_tools/nbgrader-export.html), and its columns in
nbgrader 0.9. What hartlab does not know, such as names and due dates, is empty. The notebook with which
nbgrader itself grades is made by ``hartlab lab release``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..outcome import Outcome
from .scores import as_text

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def write(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write it: a row a submission, whose name is taken for the student's.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of one lab.
    path : Path
        The file.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS, restval="")
        rows.writeheader()
        for each in outcomes:
            points, most = float(each.points), float(each.max_points)
            rows.writerow(
                {
                    "assignment": each.lab,
                    "student_id": as_text(each.submission),
                    "raw_score": points,
                    "late_submission_penalty": 0.0,
                    "score": points,
                    "max_score": most,
                }
            )
