"""Outcomes in the formats that platforms read: a file for each format.

`write_all` writes every one of them into a folder. Platforms that show students everything are not told what
hidden checks are called and what they found (`shown`); those that know who may see what are told all of it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ..outcome import Outcome
from . import github_classroom, gradescope, html_report, junit, nbgrader, otter, prairielearn, scores

# For each submission: a folder, the end of the file's name, and who writes it.
_EACH: dict[str, tuple[str, Callable[[Outcome, Path], None]]] = {
    "gradescope": (".json", gradescope.write),
    "prairielearn": (".json", prairielearn.write),
    "github-classroom": (".json", github_classroom.write),
    "report": (".html", html_report.write),
}
# For all of them: a file.
_ALL: dict[str, Callable[[Sequence[Outcome], Path], None]] = {
    "scores.csv": scores.write,
    "junit.xml": junit.write,
    "otter.csv": otter.write,
    "nbgrader.csv": nbgrader.write,
    "report.html": lambda outcomes, path: html_report.write_index(
        outcomes, [f"report/{file_name(each.submission)}.html" for each in outcomes], path
    ),
}

FORMATS = tuple(dict.fromkeys([*_EACH, *(Path(name).stem for name in _ALL)]))


def write_all(outcomes: Sequence[Outcome], folder: str | os.PathLike[str]) -> list[Path]:
    """Write outcomes in every format.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of one lab.
    folder : path
        Made when it is not there. In it come a folder for each format of single submissions, and files for
        the formats of all of them.

    Returns
    -------
    list of Path
        What was written.
    """
    whole, written = Path(folder), []
    for format_, (suffix, write) in _EACH.items():
        for each in outcomes:
            written.append(whole / format_ / f"{file_name(each.submission)}{suffix}")
            written[-1].parent.mkdir(parents=True, exist_ok=True)
            write(each, written[-1])
    for name, write_them in _ALL.items():
        written.append(whole / name)
        whole.mkdir(parents=True, exist_ok=True)
        write_them(outcomes, written[-1])
    return written


def file_name(submission: str) -> str:
    """Give a file's name for a submission, whatever it is called: what is unusual is replaced.

    Parameters
    ----------
    submission : str
        What names it.

    Returns
    -------
    str
        Letters, digits, ``_``, ``-`` and dots, 90 characters at most, beginning with none of the dots.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", submission)[:80]
    if plain and plain == submission and not plain.startswith("."):
        return plain
    digest = hashlib.sha256(submission.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain.lstrip('.') or 'submission'}-{digest}"
