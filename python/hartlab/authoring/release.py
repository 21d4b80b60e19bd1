"""A lab for students: written only when nothing in it gives away a solution or a hidden check."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .. import arguments
from ..labs import Lab
from ..labs.award import embedded
from . import for_autograders, for_nbgrader, for_otter, for_students
from .leaks import LeakError, find_leak

LANGUAGES = ("python", "c")

_MAKE: dict[str, Callable[[Lab, str], dict[str, str]]] = {
    "plain": lambda lab, language: for_students.plain(lab, language),
    "nbgrader": lambda lab, language: for_nbgrader.files(lab, language),
    "otter": lambda lab, language: for_otter.files(lab, language, ok=False),
    "otter-ok": lambda lab, language: for_otter.files(lab, language, ok=True),
    "gradescope": lambda lab, language: for_autograders.gradescope(lab, language),
    "prairielearn": lambda lab, language: for_autograders.prairielearn(lab, language),
    "github-classroom": lambda lab, language: for_autograders.github_classroom(lab, language),
}
_FOR_GRADERS = ("autograder/", "question/tests/")  # what students never see
PLATFORMS = tuple(_MAKE)


def release(
    lab: Lab, out: str | os.PathLike[str], *, platform: str = "plain", language: str = "python"
) -> list[Path]:
    """Write a lab as students, or their platform, are given it.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    out : path
        A folder, made when it is not there.
    platform : str
        ``"plain"``: a folder with source files and a notebook. ``"nbgrader"``: a course folder with the
        lecturer's notebook. ``"otter"`` or ``"otter-ok"``: what students and the autograder get, with tests
        that raise exceptions or in the OK format. ``"gradescope"``: what students get, and the files of an
        autograder. ``"prairielearn"``: a question, and an image. ``"github-classroom"``: an assignment's
        repository with its workflow.
    language : str
        Of the notebook: ``"python"`` or ``"c"``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    LeakError
        When students could see a hidden check or a line of a solution. Nothing is written then.
    """
    make = _MAKE[arguments.choice("platform", platform, _MAKE)]
    files = make(lab, arguments.choice("language", language, LANGUAGES))
    seen = for_nbgrader.as_released(files) if platform == "nbgrader" else files
    given = [(name, text) for name, text in seen.items() if not name.startswith(_FOR_GRADERS)]
    if leak := find_leak(lab, given):
        raise LeakError(f"the release of {lab.name} is not written: {leak}")
    _is_a_lab(lab)
    written = []
    for name, text in files.items():
        written.append(Path(out) / name)
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        written[-1].write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            written[-1].chmod(0o755)
    return written


def _is_a_lab(lab: Lab) -> None:
    """What students are given has the visible checks, no other, and can be loaded."""
    texts = for_students.files(lab)
    found = [each.name for each in embedded(lab.name, texts["lab.toml"], texts["checks.py"]).checks]
    wanted = [each.name for each in lab.checks if not each.hidden]
    if found != wanted:
        raise ValueError(f"the checks for students would be {found}, and should be {wanted}")
