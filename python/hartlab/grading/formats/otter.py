"""Otter's ``final_grades.csv``, so that what ``hartlab grade`` has found can stand in for what Otter found.

Source: Otter-Grader documentation, "Grading Locally", "Grading results"
(https://otter-grader.readthedocs.io/en/latest/otter_grade/index.html): a first row with the points that are
possible, then a row a file, with a column for each question (here: check), the total, the percentage as a
fraction, and whether grading was completed. The test files with which Otter itself grades are made by
``hartlab lab release``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..outcome import Outcome
from .scores import as_text


def write(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write it.

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
        rows.writerow(["file", *names, "total_points_earned", "percent_correct", "grading_status"])
        if outcomes:
            possible = [each.max_points for each in outcomes[0].results]
            rows.writerow(["points-per-question", *possible, outcomes[0].max_points, 1, "--"])
        for each in outcomes:
            earned = [result.points for result in each.results]
            status = "Completed" if each.status == "graded" else as_text(each.message)
            rows.writerow([as_text(each.submission), *earned, each.points, each.score, status])
