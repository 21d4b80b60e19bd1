"""GitHub Classroom's result of a grader: JSON of version 1, in base64 as the output of an action's step.

Source: the graders and the reporter of GitHub Classroom, which have no other specification
(https://github.com/classroom-resources/autograding-grading-reporter, ``src/main.js`` and
``src/notify-classroom.js``; https://github.com/classroom-resources/autograding-command-grader): the
reporter decodes ``<STEP>_RESULTS``, adds up ``tests[].score`` and ``max_score``, and prints names, statuses
and messages. All of it is public to the student, so tests that are hidden are numbers with their points.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ..outcome import Outcome
from .shown import Shown, shown

VERSION = 1


def write(outcome: Outcome, path: Path) -> None:
    """Write the JSON, and beside it, with the suffix ``.output``, the line for ``$GITHUB_OUTPUT``.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.
    path : Path
        The file.
    """
    path.write_text(json.dumps(results(outcome), indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".output").write_text(f"result={encoded(outcome)}\n", encoding="ascii")


def results(outcome: Outcome) -> dict[str, Any]:
    """Give it as the object that the reporter decodes.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.

    Returns
    -------
    dict
        Of what JSON has.
    """
    status = "error" if outcome.status != "graded" else "pass" if outcome.passed else "fail"
    return {
        "version": VERSION,
        "status": status,
        "max_score": outcome.max_points,
        "tests": [_test(each, outcome) for each in shown(outcome)],
    }


def encoded(outcome: Outcome) -> str:
    """Give it as the output of a step.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.

    Returns
    -------
    str
        Base64, on one line.
    """
    return base64.b64encode(json.dumps(results(outcome)).encode("utf-8")).decode("ascii")


def _test(each: Shown, outcome: Outcome) -> dict[str, Any]:
    status = "error" if outcome.status != "graded" else "pass" if each.check.passed else "fail"
    return {
        "name": each.name,
        "status": status,
        "score": each.check.points,
        "message": each.text or (outcome.message if status == "error" else None),
        "test_code": f"{outcome.lab}: {each.name}",
        "filename": "",
        "line_no": 0,
        "execution_time": 0,
    }
