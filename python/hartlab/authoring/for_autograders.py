"""A lab for platforms whose autograder is a program of the lecturer's: scripts that run ``hartlab grade``.

Source: Gradescope Autograder Documentation, "Autograder Specifications"
(https://gradescope-autograders.readthedocs.io/en/latest/specs/); PrairieLearn documentation, "External
Grading" (https://prairielearn.readthedocs.io/en/latest/externalGrading/); the README and ``src`` of GitHub
Classroom's reporter (https://github.com/classroom-resources/autograding-grading-reporter).
"""

from __future__ import annotations

import json
import uuid
from html import escape
from pathlib import Path
from shlex import quote

from ..labs import Lab
from . import for_students

_RECIPES = Path(__file__).with_name("recipes")
_SECONDS = 120  # of PrairieLearn's 600 at most


def gradescope(lab: Lab, language: str) -> dict[str, str]:
    """Give ``student``, for students, and ``autograder``, whose files make the archive for Gradescope.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    language : str
        Of the notebook.

    Returns
    -------
    dict of str to str
        Texts by the names of files.
    """
    run = _recipe("gradescope_run_autograder").replace("TERM", "spring").replace("LAB", quote(lab.name))
    return {
        **_under("student", for_students.plain(lab, language)),
        "autograder/setup.sh": _recipe("gradescope_setup.sh"),
        "autograder/run_autograder": run,
        **_under(f"autograder/{lab.name}", _whole(lab)),
    }


def prairielearn(lab: Lab, language: str) -> dict[str, str]:
    """Give ``student``, for students, ``question``, for the course, and ``image``, of which one is made.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    language : str
        Of the notebook, and of the file that students upload.

    Returns
    -------
    dict of str to str
        Texts by the names of files.
    """
    info = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"hartlab/{lab.name}")),
        "title": lab.title,
        "topic": "Operating systems",
        "type": "v3",
        "gradingMethod": "External",
        "singleVariant": True,
        "externalGradingOptions": {
            "enabled": True,
            "image": "your-course/hartlab",
            "entrypoint": "/grade/tests/run.sh",
            "timeout": _SECONDS,
        },
    }
    solution = "solution.c" if language == "c" else "solution.py"
    page = _recipe("prairielearn_question.html").replace("TASK", escape(lab.task))
    return {
        **_under("student", for_students.plain(lab, language)),
        "image/Dockerfile": _recipe("prairielearn_Dockerfile"),
        "question/info.json": json.dumps(info, indent=2) + "\n",
        "question/question.html": page.replace("SOLUTION", solution),
        "question/tests/run.sh": _recipe("prairielearn_run.sh").replace("LAB", quote(lab.name)),
        **_under(f"question/tests/{lab.name}", _whole(lab)),
    }


def github_classroom(lab: Lab, language: str) -> dict[str, str]:
    """Give the template of an assignment's repository: what students get, and a workflow.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    language : str
        Of the notebook.

    Returns
    -------
    dict of str to str
        Texts by the names of files.
    """
    workflow = _recipe("github_classroom.yml").replace("NOTEBOOK", quote(f"{lab.name}.ipynb"))
    return {**for_students.plain(lab, language), ".github/workflows/classroom.yml": workflow}


def _recipe(name: str) -> str:
    return (_RECIPES / name).read_text(encoding="utf-8")


def _whole(lab: Lab) -> dict[str, str]:
    """What it takes to grade: hidden checks too, and no solution."""
    return {name: (lab.folder / name).read_text(encoding="utf-8") for name in ("lab.toml", "checks.py")}


def _under(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}
