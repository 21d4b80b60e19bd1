"""A lab as an assignment of nbgrader: the version of which ``nbgrader generate_assignment`` makes a release.

Source: nbgrader documentation, "Creating and grading assignments" and "Cell metadata format"
(https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html,
https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html): a check is a cell that is graded
and locked. One that raises, or writes to stderr, earns nothing; a number as its value is partial credit.
What is between the markers is taken out of the release, and of hidden tests put back when grading.
"""

from __future__ import annotations

import re
from typing import Any

from ..labs import Check, Lab
from . import for_students
from .notebooks import code, in_cell, notebook, quoted, starter_of

_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
_TESTS = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_STUB = "# Functions of your own may follow here."
CONFIGURATION = f"""\
c = get_config()

# The starter is given outside of the solution's markers; nothing has to be raised in the solution's place.
c.ClearSolutions.code_stub = {{"python": {_STUB!r}}}
"""


def files(lab: Lab, language: str) -> dict[str, str]:
    """Give what comes into nbgrader's course folder.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    language : str
        ``"python"`` or ``"c"``.

    Returns
    -------
    dict of str to str
        Texts by the names of files. The notebook has solutions and hidden checks, the folder beside it has
        not.
    """
    import nbformat

    source = f"source/{lab.name}"
    tests = [_test(lab, each, number) for number, each in enumerate(lab.checks, 1)]
    made = notebook(lab, _setup(), _solution(lab, language), tests)
    return {
        "nbgrader_config.py": CONFIGURATION,
        f"{source}/{lab.name}.ipynb": nbformat.writes(made),
        **{f"{source}/lab/{name}": text for name, text in for_students.files(lab).items()},
    }


def as_released(files_: dict[str, str]) -> dict[str, str]:
    """Give what students will see of it: without what is between the markers."""
    regions = "|".join(rf"{begin}.*?{end}" for begin, end in (_SOLUTION, _TESTS))
    return {
        name: re.sub(regions, "", text, flags=re.DOTALL) if name.endswith(".ipynb") else text
        for name, text in files_.items()
    }


def _setup() -> Any:
    source = 'import hartlab as hl\nfrom hartlab.labs import award\n\nlab = hl.lab("lab")'
    return code(source, grade=False, solution=False, locked=True, task=False, grade_id="setup")


def _solution(lab: Lab, language: str) -> Any:
    begin, end = _SOLUTION
    reference = in_cell(lab.reference(language), language)
    source = f"{starter_of(lab, language)}\n\n\n{begin}\n{reference}\n{end}"
    return code(source, grade=False, solution=True, locked=False, task=False, grade_id="solution")


def _test(lab: Lab, check: Check, number: int) -> Any:
    points = f"{check.points} point{'s' if check.points > 1 else ''}"
    if check.hidden:
        begin, end = _TESTS
        texts = ((lab.folder / name).read_text(encoding="utf-8") for name in ("lab.toml", "checks.py"))
        whole = f"embedded({', '.join([repr(lab.name), *map(quoted, texts)])})"
        body = (
            f"# {points}, for something that you will hear of later\n{begin}\n"
            f"from hartlab.labs import embedded\n\naward({whole}, {check.name!r}, globals())\n{end}"
        )
    else:
        body = f"# {points}\naward(lab, {check.name!r}, globals())"
    return code(
        body,
        grade=True,
        solution=False,
        locked=True,
        task=False,
        grade_id=f"check-{number:02}",
        points=check.points,
    )
