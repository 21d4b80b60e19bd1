"""Gradescope's ``results.json``.

Source: Gradescope Autograder Documentation, "Autograder Specifications", "Output format" and "Controlling
Test Case Visibility" (https://gradescope-autograders.readthedocs.io/en/latest/specs/). It knows who may see
what, so nothing is left out. A student sees no total as long as tests are hidden until later; those that
are ``hidden`` for good do not affect that, and their points count nevertheless.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..outcome import CheckOutcome, Outcome
from .shown import told


def write(outcome: Outcome, path: Path) -> None:
    """Write it, as ``/autograder/results/results.json``.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.
    path : Path
        The file.
    """
    path.write_text(json.dumps(results(outcome), indent=1) + "\n", encoding="utf-8")


def results(outcome: Outcome) -> dict[str, Any]:
    """Give it as the object that Gradescope reads.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.

    Returns
    -------
    dict
        Of what JSON has.
    """
    return {
        "score": outcome.points,
        "output": _summary(outcome),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "lab": outcome.lab,
            "status": outcome.status,
            "max_score": outcome.max_points,
            "seed": outcome.seed,
            "isolation": outcome.isolation,
        },
        "tests": [_test(each) for each in outcome.results],
    }


def _test(check: CheckOutcome) -> dict[str, Any]:
    return {
        "name": check.name,
        "number": check.number,
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.passed else "failed",
        "output": told(check),
        "output_format": "text",
        "visibility": check.visibility,
        "tags": list(check.tags),
        "extra_data": {"look": dict(check.look), "replay": check.replay},
    }


def _summary(outcome: Outcome) -> str:
    head = {"refused": "This could not be graded.", "error": "The grader failed: ask for it to be run again."}
    return "\n".join(filter(None, [head.get(outcome.status, outcome.title), outcome.message]))
