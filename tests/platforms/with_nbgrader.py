"""Run by nbgrader's own Python: makes the releases of a course, grades submissions, prints grades.

with_nbgrader.py COURSE generate | grade
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config


def main(course: Path, action: str) -> None:
    config = Config()
    config.CourseDirectory.root = str(course)
    code: dict[str, Config] = {"c": config, "get_config": lambda: config}  # type: ignore[dict-item]
    exec((course / "nbgrader_config.py").read_text(encoding="utf-8"), code)
    api = NbGraderAPI(config=config)
    assignments = sorted(each.name for each in (course / "source").iterdir())
    for name in assignments:
        if action == "generate":
            _succeed(api.generate_assignment(name, create=True))
        else:
            for student in sorted(each.name for each in (course / "submitted").iterdir()):
                if (course / "submitted" / student / name).is_dir():
                    _succeed(api.autograde(name, student, create=True))
    if action == "grade":
        print(json.dumps({name: _grades(api, name) for name in assignments}))


def _grades(api: NbGraderAPI, assignment: str) -> dict[str, dict[str, object]]:
    """By student: the score, what is to be graded by hand, and the score of each cell."""
    found = {}
    with api.gradebook as book:
        for submission in book.assignment_submissions(assignment):
            [notebook] = submission.notebooks
            found[submission.student.id] = {
                "score": submission.score,
                "max_score": submission.max_score,
                "by_hand": submission.needs_manual_grade,
                "cells": {each.cell.name: each.score for each in notebook.grades},
            }
    return found


def _succeed(result: dict[str, object]) -> None:
    if not result["success"]:
        sys.exit(str(result.get("log") or result.get("error")))


main(Path(sys.argv[1]).resolve(), sys.argv[2])
