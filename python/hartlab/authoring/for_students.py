"""The files of a lab that students are given: settings, starters, visible checks; and a notebook."""

from __future__ import annotations

import re

from ..labs import Lab
from .notebooks import code, notebook, starter_of
from .stripping import visible_checks


def files(lab: Lab) -> dict[str, str]:
    """Give the folder of a lab without solutions and hidden checks.

    Parameters
    ----------
    lab : Lab
        The lecturer's.

    Returns
    -------
    dict of str to str
        Texts by the names of files. They are a lab again, for `hartlab.lab`.
    """
    starters = [each for each in ("starter.py", "starter.c") if (lab.folder / each).is_file()]
    return {
        "lab.toml": settings(lab),
        "checks.py": visible_checks(lab),
        **{name: (lab.folder / name).read_text(encoding="utf-8") for name in starters},
    }


def settings(lab: Lab) -> str:
    """Give lab.toml with the points of the visible checks alone, and without the place of the handout."""
    points = sum(each.points for each in lab.checks if not each.hidden)
    text = (lab.folder / "lab.toml").read_text(encoding="utf-8")
    text = re.sub(r"^handout = .*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^points = \d+", f"points = {points}", text, count=1, flags=re.MULTILINE)


def plain(lab: Lab, language: str) -> dict[str, str]:
    """Give the files with a notebook beside them, which platforms know nothing of."""
    import nbformat

    handed_in = "c_source" if language == "c" else ", ".join(f"{name}={name}" for name in lab.functions)
    made = notebook(
        lab,
        code('import hartlab as hl\n\nlab = hl.lab(".")'),
        code(starter_of(lab, language)),
        [code(f"lab.check({handed_in})")],
    )
    return {**files(lab), f"{lab.name}.ipynb": nbformat.writes(made)}
