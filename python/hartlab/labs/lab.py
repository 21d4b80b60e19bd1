"""A lab: a folder, and what can be done with it."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from .. import arguments, words
from ..functions import declarations, known
from ..kernel import Kernel
from ..table import Table, as_table
from .checks import Check, checks_of
from .first_difference import FirstDifference
from .metering import LineMeter
from .report import Report
from .running import Runner
from .settings import settings_of
from .submission import Given, submission_of

FOLDER = Path(__file__).resolve().parent
_SUFFIXES = {"python": "py", "c": "c"}
INSTRUCTIONS, LINES = 2_000_000, 500_000  # budgets of a lab that states none


@dataclass(frozen=True)
class Wrong:
    """A wrong solution, which the checks must find out.

    Attributes
    ----------
    path : Path
        The file.
    fails : str
        The check that it has to fail; no other may.
    says : str
        What the message must have in it.
    why : str
        What is wrong with it.
    """

    path: Path
    fails: str
    says: str
    why: str


class Lab:
    """Functions of the kernel to write, and checks that try them. `hartlab.lab` gives one.

    Attributes
    ----------
    name : str
        Of its folder.
    title : str
        In words.
    task : str
        What is to be done, in a few sentences.
    functions : tuple of str
        The functions to write.
    checks : tuple of Check
        What is looked at, in this order.
    folder : Path
        Where its files are.
    instructions, lines : int
        How many a submission may execute: of C in one call from the kernel, of Python in one check.
    seconds : int or None
        Of the clock, after which `hartlab.grading.grade` gives a submission up as one for a person; None for
        what it makes of the other budgets.

    Examples
    --------
    >>> import hartlab as hl
    >>> lab = hl.lab("walk-and-mappages")
    >>> lab.functions
    ('walk', 'mappages')
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        settings = settings_of(folder)
        self.title: str = settings["title"]
        self.task: str = settings["task"].strip()
        self.functions = tuple(known(name) for name in settings["functions"])
        self._handout: str | None = settings.get("handout")
        self._options: dict[str, Any] = settings.get("kernel", {})
        budget = settings.get("budget", {})
        self.instructions: int = budget.get("instructions", INSTRUCTIONS)
        self.lines: int = budget.get("lines", LINES)
        self.seconds: int | None = budget.get("seconds")
        self.checks: tuple[Check, ...] = tuple(checks_of(_module(folder / "checks.py")))
        if self.points != settings["points"]:
            raise ValueError(
                f"lab.toml of {self.name} says {settings['points']} points; its checks have {self.points}"
            )

    @property
    def points(self) -> int:
        """What all checks together are worth."""
        return sum(each.points for each in self.checks)

    @property
    def handout(self) -> Path | None:
        """The notebook for students: its ``handout.ipynb``, or what ``lab.toml`` says; None without one.

        A release makes of it what students are given.
        """
        own = self.folder / "handout.ipynb"
        if own.is_file() or self._handout is None:
            return own if own.is_file() else None
        named = (self.folder / self._handout).resolve()
        if not named.is_file():
            raise ValueError(f"handout={self._handout!r} in lab.toml of {self.name} is no file: {named}")
        return named

    @property
    def options(self) -> dict[str, Any]:
        """The options of `hartlab.Kernel` that it is about. A copy."""
        return dict(self._options)

    def kernel(self) -> Kernel:
        """Boot a kernel as the lab uses it, to try things on.

        Returns
        -------
        Kernel
            With the engine's own functions.
        """
        return Kernel(**self._options)

    def starter(self, language: str = "python") -> str:
        """Give the code that one begins with.

        Parameters
        ----------
        language : str
            ``"python"`` or ``"c"``.

        Returns
        -------
        str
            The text of a file.
        """
        return self._text("starter", language)

    def reference(self, language: str = "python") -> str:
        """Give a solution that passes every check.

        Parameters
        ----------
        language : str
            ``"python"`` or ``"c"``.

        Returns
        -------
        str
            The text of a file.
        """
        return self._text("reference", language)

    def _text(self, what: str, language: str) -> str:
        suffix = _SUFFIXES[arguments.choice("language", language, _SUFFIXES)]
        return (self.folder / f"{what}.{suffix}").read_text(encoding="utf-8")

    def wrong(self) -> list[Wrong]:
        """List the wrong solutions, with what their first lines say of them.

        Returns
        -------
        list of Wrong
            By name of the file.
        """
        return [_wrong(path) for path in sorted(self.folder.glob("wrong/*")) if path.suffix in (".py", ".c")]

    def check(
        self,
        submission: Given = None,
        /,
        *,
        only: str | None = None,
        seed: int | str = 0,
        **functions: Callable[..., Any],
    ) -> Report:
        """Try a solution.

        Each check runs on a freshly booted kernel of its own, with budgets for Python's lines, C's
        instructions and the kernel's work. Nothing that a solution does to a kernel outlives its check.

        Parameters
        ----------
        submission : str, path or Kernel, optional
            C source; the path of a ``.c`` or ``.py`` file; or a kernel on which functions have been replaced.
        only : str, optional
            The name of one check to run.
        seed : int or str
            What the checks' random numbers depend on: a student's name, and each has numbers of their own.
        **functions : callable
            Functions of the lab by name, as `Kernel.replace` takes them.

        Returns
        -------
        Report
            A result for each check.

        Raises
        ------
        SubmissionError
            When a file cannot be loaded, or none of the lab's functions was given.
        CompileError
            When the compiler refuses the source.

        Examples
        --------
        >>> import hartlab as hl
        >>> lab = hl.lab("walk-and-mappages")
        >>> report = lab.check(mappages=lambda k, pagetable, va, size, pa, perm: -1)
        >>> report.points, report["mappages maps every page of a range"].status
        (0, 'failed')
        """
        chosen = self._chosen("only", only)
        return Report(self.title, self.runner(submission, seed=seed, **functions).run(chosen))

    def first_difference(
        self,
        check: str,
        submission: Given = None,
        /,
        *,
        seed: int | str = 0,
        **functions: Callable[..., Any],
    ) -> FirstDifference | None:
        """Find the first call of a solution in a check that does not come to what the engine's own comes to.

        Each call is made in the state in which the engine's own functions have left the kernel, by the
        engine's own and by the solution's. Results, panics, what is mapped, what is in it, free pages, what
        the audit finds and stale translations have to be the same; which frames are used is left open.

        Parameters
        ----------
        check : str
            The check's name.
        submission : str, path or Kernel, optional
            As `check` takes it.
        seed : int or str
            As `check` takes it.
        **functions : callable
            As `check` takes them.

        Returns
        -------
        FirstDifference or None
            The call, what differs, and the kernel as the call found it. None when no call differs, as when a
            solution is right, or takes too long.

        Raises
        ------
        ValueError
            When there is no such check, or as `check` raises it.

        Examples
        --------
        >>> import hartlab as hl
        >>> lab = hl.lab("walk-and-mappages")
        >>> lab.first_difference("walk finds every page", walk=lambda k, pagetable, va, alloc: 0)
        <The first difference is in call 1, walk(0x..., 0, 0)>
          it comes to 0, the engine's own to 0x...
        """
        [chosen] = self._chosen("check", check)
        return self.runner(submission, seed=seed, **functions).first_difference(chosen)

    def _chosen(self, argument: str, name: str | None) -> list[Check]:
        chosen = [each for each in self.checks if name in (None, each.name)]
        if not chosen:
            known_names = ", ".join(repr(each.name) for each in self.checks)
            raise ValueError(f"{argument}={name!r} is none of {known_names}")
        return chosen

    def runner(
        self, submission: Given = None, /, *, seed: int | str = 0, **functions: Callable[..., Any]
    ) -> Runner:
        """Give what tries a solution check by check, for tools that run them one at a time.

        Parameters
        ----------
        submission : str, path or Kernel, optional
            As `check` takes it.
        seed : int or str
            As `check` takes it.
        **functions : callable
            As `check` takes them.

        Returns
        -------
        Runner
            With its `result` for each check.

        Raises
        ------
        SubmissionError
            When a file cannot be loaded, or none of the lab's functions was given.
        """
        number = seed if isinstance(seed, str) else arguments.integer("seed", seed)
        meter = LineMeter(self.lines)
        given = submission_of(submission, functions, self.functions, meter)
        return Runner(given, self._options, meter, self.instructions, number)

    def __repr__(self) -> str:
        lines = [f"<Lab {self.name!r}: {self.title}, {words.plural(self.points, 'point')}>"]
        lines += [f"  {declarations()[name]}" for name in self.functions]
        lines += [f"  {each.points:2}  {each.name}" for each in self.checks]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        functions = "".join(
            f"<li><code>{escape(declarations()[name])}</code></li>" for name in self.functions
        )
        rows = "".join(
            f'<tr><td style="text-align: left">{escape(each.name)}</td><td>{each.points}</td></tr>'
            for each in self.checks
        )
        return (
            f"<b>{escape(self.title)}</b><p>{escape(self.task)}</p><ul>{functions}</ul>"
            f'<table><thead><tr><th style="text-align: left">check</th><th>points</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )


def lab(name: str | os.PathLike[str]) -> Lab:
    """Give a lab.

    Parameters
    ----------
    name : str or path
        One of those that `labs` lists; or the folder of one of your own.

    Returns
    -------
    Lab
        Its functions, checks and files.

    Raises
    ------
    ValueError
        When there is no such lab.

    Examples
    --------
    >>> import hartlab as hl
    >>> hl.lab("walk-and-mappages").title
    'walk and mappages'
    """
    known_names = _names()
    if isinstance(name, str) and name in known_names:
        return Lab(FOLDER / name)
    if (Path(name) / "lab.toml").is_file():
        return Lab(Path(name).resolve())
    raise ValueError(f"name={str(name)!r} is none of {', '.join(known_names)}, and no folder with a lab.toml")


def labs() -> Table:
    """List the labs that come with hartlab.

    Returns
    -------
    Table
        A copy, a row a lab: name, title, functions, checks and points.

    Examples
    --------
    >>> import hartlab as hl
    >>> "walk-and-mappages" in hl.labs()["name"]
    True
    """
    every = [Lab(FOLDER / name) for name in _names()]
    rows = [
        (each.name, each.title, ", ".join(each.functions), len(each.checks), each.points) for each in every
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]  # type: ignore[arg-type]
    dtype: list[tuple[str, str]] = [
        (name, f"U{width}") for name, width in zip(("name", "title", "functions"), widths, strict=True)
    ]
    return as_table(np.array(rows, dtype=[*dtype, ("checks", "<i4"), ("points", "<i4")]))


def _names() -> list[str]:
    """The shipped labs in the order of the course."""
    found = [path.parent for path in FOLDER.glob("*/lab.toml")]
    order = {path.name: settings_of(path)["order"] for path in found}
    return sorted(order, key=lambda name: order[name])


def _module(path: Path) -> Any:
    """The module of a lab's checks, loaded anew."""
    spec = importlib.util.spec_from_file_location(f"checks_of_{path.parent.name.replace('-', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _wrong(path: Path) -> Wrong:
    head = path.read_text(encoding="utf-8")
    said = {key: _stated(head, key, path) for key in ("fails", "says", "why")}
    return Wrong(path, **said)


def _stated(head: str, key: str, path: Path) -> str:
    """What a line such as ``# fails: walk finds every page`` says."""
    match = re.search(rf"^(?:#|//) {key}: (.+)$", head, re.MULTILINE)
    if not match:
        raise ValueError(f"{path.name} has no line '{key}: ...' among its first")
    return match[1].strip()
