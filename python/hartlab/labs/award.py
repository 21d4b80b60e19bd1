"""One check at a time, for notebooks that a platform executes and grades by what their cells do."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .expect import CheckFailed
from .lab import Lab

SOURCE = "c_source"  # the name under which such a notebook has C


def embedded(name: str, settings: str, checks: str) -> Lab:
    """Make a lab of texts, for grading code that has no folder beside it.

    Parameters
    ----------
    name : str
        The lab's.
    settings : str
        A ``lab.toml``.
    checks : str
        A ``checks.py``, with all or some of the lab's checks: the points of the settings are those of these.

    Returns
    -------
    Lab
        Whose folder is gone: it has neither starters nor references.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        folder.mkdir()
        (folder / "lab.toml").write_text(settings, encoding="utf-8")
        (folder / "checks.py").write_text(checks, encoding="utf-8")
        return Lab(folder)


def award(lab: Lab, check: str, names: Mapping[str, Any], *, partial: bool = True) -> int | None:
    """Run one check on what a notebook has defined.

    The functions of the lab are taken from `names`, and C from the text that is called ``c_source``.
    Nothing is printed, so that stderr stays clean.

    Parameters
    ----------
    lab : Lab
        The lab.
    check : str
        The check's name.
    names : mapping
        The notebook's names: ``globals()``.
    partial : bool
        Whether a part of the points is a result, and not a failure.

    Returns
    -------
    int or None
        None for all of its points, and fewer for a part: nbgrader takes a cell's value for the credit.

    Raises
    ------
    CheckFailed
        When it earns nothing, with what was found and where to look.
    """
    functions = {each: names[each] for each in lab.functions if callable(names.get(each))}
    source = names.get(SOURCE)
    given = source if isinstance(source, str) and re.search(r"[{\n]", source) else None
    [result] = lab.check(given, only=check, **functions)
    if result.passed:
        return None
    if result.points and partial:
        return result.points
    where = f"\nlook at: {result.where}" if result.where else ""
    status = "" if result.status == "failed" else f"{result.status}: "
    raise CheckFailed(f"{status}{result.message}{where}") from None
