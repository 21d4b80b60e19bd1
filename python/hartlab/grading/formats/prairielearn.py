"""PrairieLearn's ``results.json`` of an external grader.

Source: PrairieLearn documentation, "External Grading", "Grading results"
(https://prairielearn.readthedocs.io/en/latest/externalGrading/): ``score`` from 0 to 1, ``gradable`` false
and ``format_errors`` for what could not be used, which costs no attempt; the file is under 1 MB. It shows
students all tests, so those that are hidden are numbers with their points.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ..outcome import Outcome
from .shown import Shown, shown

LIMIT = 1_000_000  # bytes of the file
_SHORT = 300  # characters of a text when all of it is too long


def write(outcome: Outcome, path: Path) -> None:
    """Write it, as ``/grade/results/results.json``: pictures are left out when it would be too large.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.
    path : Path
        The file.
    """
    for pictures, length in ((True, None), (False, None), (False, _SHORT)):
        text = json.dumps(results(outcome, pictures=pictures, length=length)) + "\n"
        if len(text) < LIMIT:  # it is ASCII
            break
    path.write_text(text, encoding="ascii")


def results(outcome: Outcome, *, pictures: bool = True, length: int | None = None) -> dict[str, Any]:
    """Give it as the object that PrairieLearn reads.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.
    pictures : bool
        Whether to have the pictures of visible checks.
    length : int, optional
        Characters of each text, at most.

    Returns
    -------
    dict
        Of what JSON has.
    """
    message = (outcome.message or outcome.title)[:length]
    if outcome.status != "graded":
        return {"gradable": False, "format_errors": [message], "message": message}
    return {
        "gradable": True,
        "score": outcome.score,
        "message": message,
        "tests": [_test(each, pictures, length) for each in shown(outcome)],
    }


def _test(each: Shown, pictures: bool, length: int | None) -> dict[str, Any]:
    check = each.check
    test: dict[str, Any] = {
        "name": each.name,
        "description": ", ".join(check.tags),
        "points": check.points,
        "max_points": check.max_points,
        "message": each.text[:length],
    }
    if pictures and check.pictures and not check.hidden:
        test["images"] = [
            {"label": f"{check.name}, {number}", "url": _url(svg)}
            for number, svg in enumerate(check.pictures, 1)
        ]
    return test


def _url(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
