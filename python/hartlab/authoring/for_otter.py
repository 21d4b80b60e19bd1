"""A lab as an assignment of Otter: a notebook with public tests, and all tests for the autograder.

Source: Otter-Grader documentation, "Test Files", "Exception-Based Format" and "OK Format"
(https://otter-grader.readthedocs.io/en/latest/test_files/index.html): a file a question, with cases that
are hidden or not and have points. A case passes or fails: a check that earns a part of its points earns
nothing here.
"""

from __future__ import annotations

import pprint

from ..labs import Check, Lab
from . import for_students
from .notebooks import code, notebook, quoted, starter_of

_EXCEPTION = """\
from otter.test_files import test_case

OK_FORMAT = False

name = {name!r}
points = {points}

SETTINGS = {settings}
CHECKS = {checks}


@test_case(name={check!r}, points={points}, hidden={hidden})
def check(env):
    from hartlab.labs import award, embedded

    award(embedded({lab!r}, SETTINGS, CHECKS), {check!r}, env, partial=False)
"""


def files(lab: Lab, language: str, *, ok: bool) -> dict[str, str]:
    """Give what students are given, and what ``otter generate`` makes the autograder of.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    language : str
        ``"python"`` or ``"c"``.
    ok : bool
        Whether the tests have the OK format, or raise exceptions.

    Returns
    -------
    dict of str to str
        Texts by the names of files, under ``student`` and ``autograder``.
    """
    import nbformat

    texts = for_students.files(lab)
    for_all = {name: (lab.folder / name).read_text(encoding="utf-8") for name in ("lab.toml", "checks.py")}
    write = _ok_test if ok else _exception_test
    names = [(f"q{number:02}", each) for number, each in enumerate(lab.checks, 1)]
    public = [(name, each) for name, each in names if not each.hidden]
    made = notebook(
        lab,
        code("import otter\n\ngrader = otter.Notebook()"),
        code(starter_of(lab, language)),
        [code(f"grader.check({name!r})  # {each.name}") for name, each in public],
    )
    return {
        f"student/{lab.name}.ipynb": nbformat.writes(made),
        **{f"student/tests/{name}.py": write(name, lab, each, texts) for name, each in public},
        **{f"autograder/tests/{name}.py": write(name, lab, each, for_all) for name, each in names},
    }


def _exception_test(name: str, lab: Lab, check: Check, texts: dict[str, str]) -> str:
    return _EXCEPTION.format(
        name=name,
        points=check.points,
        settings=quoted(texts["lab.toml"]),
        checks=quoted(texts["checks.py"]),
        check=check.name,
        hidden=check.hidden,
        lab=lab.name,
    )


def _ok_test(name: str, lab: Lab, check: Check, texts: dict[str, str]) -> str:
    lines = [
        "from hartlab.labs import award, embedded",
        f"given = embedded({lab.name!r}, {texts['lab.toml']!r}, {texts['checks.py']!r})",
        f"award(given, {check.name!r}, globals(), partial=False)",
    ]
    case = {
        "code": "\n".join(f">>> {line}" for line in lines),
        "hidden": check.hidden,
        "locked": False,
        "points": check.points,
    }
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    test = {"name": name, "points": check.points, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = {pprint.pformat(test, sort_dicts=False, width=100)}\n"
