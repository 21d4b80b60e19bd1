"""What the tests of grading share."""

from __future__ import annotations

import pytest

from hartlab.grading import Grades, Outcome, grade
from hartlab.grading.jail.levels import LEVELS, attacked

_why = {
    "limits": "",
    "landlock": "needs a kernel with Landlock, landlockpy and seccompy",
    "namespaces": "needs Debian's bubblewrap, and a host that lets it make namespaces",
}


def levels() -> list[object]:
    """Every level of isolation as a parameter; those that this computer does not reach are skipped."""
    return [
        pytest.param(level, marks=[] if attacked(level) else [pytest.mark.skip(reason=_why[level])])
        for level in LEVELS
    ]


LEVEL_PARAMETERS = levels()


def one(lab: object, path: object, **options: object) -> Outcome:
    """Grade one submission in this process."""
    grades: Grades = grade(lab, [path], **{"executor": "serial", **options})  # type: ignore[arg-type, list-item]
    return grades[0]
