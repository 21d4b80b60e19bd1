"""What came of grading one submission, as plain data: every format is made from it.

It holds text and numbers only, so that it goes through JSON unchanged, from process to process and from today
to next term.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import arguments
from ..labs import Check, Lab, Report
from ..labs.checks import VISIBILITIES
from .dataclass_json import read_fields
from .plain import plain

VERSION = 1
STATUSES = ("graded", "refused", "error")
CHECK_STATUSES = ("passed", "failed", "not run", "not written")
_HEAD = "hartlab outcome"


@dataclass(frozen=True)
class Evidence:
    """What there is to look at of a check that failed, as the fields of a `CheckOutcome`."""

    pictures: tuple[str, ...] = ()
    replay: str = ""
    differs: str = ""
    again: str = ""


@dataclass(frozen=True)
class CheckOutcome:
    """What came of one check.

    Attributes
    ----------
    name : str
        The check's.
    number : str
        Its place in the lab, from ``"1"``.
    points, max_points : int
        What it earned, and what it is worth.
    status : str
        ``"passed"``, ``"failed"`` (it may have earned a part), ``"not run"`` or ``"not written"``.
    visibility : str
        Who may see it: ``"visible"``, ``"after_due_date"``, ``"after_published"`` or ``"hidden"``.
    message : str
        What was found, and what should be; empty when it passed.
    look : dict
        What to look at: pid, va, pte, pa and the like, by name.
    where : str
        The same in words.
    tags : tuple of str
        The functions that it tries.
    pictures : tuple of str
        SVG: the kernel as the check left it.
    replay : str
        The name of a file beside the outcome that opens the kernel where it first went wrong; or empty.
    differs : str
        The first call that does not come to what the engine's own function comes to, and what differs; or
        empty. The file has the kernel as that call found it.
    again : str
        That call in Python, to be made again on the kernel of the file.
    """

    name: str
    number: str
    points: int
    max_points: int
    status: str
    visibility: str = "visible"
    message: str = ""
    look: dict[str, int | str] = field(default_factory=dict)
    where: str = ""
    tags: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    replay: str = ""
    differs: str = ""
    again: str = ""

    def __post_init__(self) -> None:
        arguments.choice("status", self.status, CHECK_STATUSES)
        arguments.choice("visibility", self.visibility, VISIBILITIES)
        if not 0 <= self.points <= self.max_points:
            raise ValueError(f"points={self.points} of {self.name!r} are not within 0 and {self.max_points}")

    @property
    def passed(self) -> bool:
        """Whether it passed."""
        return self.status == "passed"

    @property
    def hidden(self) -> bool:
        """Whether a student may not see it now."""
        return self.visibility != "visible"


@dataclass(frozen=True)
class Outcome:
    """What came of one submission.

    Attributes
    ----------
    submission : str
        What names it: a student, a team, or a file.
    lab, title : str
        Of the lab: its folder's name, and in words.
    status : str
        ``"graded"``; ``"refused"``: it could not be used (it does not compile, say, or has none of the lab's
        functions) and earns nothing; ``"error"``: the grader failed, and this is no verdict.
    message : str
        Why it was refused, or what the error was; a remark, otherwise.
    seed : int or str
        What the checks' random numbers depended on.
    isolation : str
        What held the submission while it ran; empty when nothing did.
    results : tuple of CheckOutcome
        One for each check of the lab, in their order.
    """

    submission: str
    lab: str
    title: str
    status: str
    results: tuple[CheckOutcome, ...]
    message: str = ""
    seed: int | str = 0
    isolation: str = ""

    def __post_init__(self) -> None:
        arguments.choice("status", self.status, STATUSES)

    @property
    def points(self) -> int:
        """What was earned."""
        return sum(each.points for each in self.results)

    @property
    def max_points(self) -> int:
        """What there was to earn."""
        return sum(each.max_points for each in self.results)

    @property
    def score(self) -> float:
        """The part of the points that was earned, from 0 to 1."""
        return self.points / self.max_points if self.max_points else 0.0

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return self.status == "graded" and all(each.passed for each in self.results)

    @classmethod
    def of(
        cls,
        report: Report,
        lab: Lab,
        *,
        submission: str,
        seed: int | str = 0,
        isolation: str = "",
        message: str = "",
        evidence: Mapping[str, Evidence] | None = None,
    ) -> Outcome:
        """Make an outcome of what `Lab.check` found.

        Texts are cut to a length that a page can bear, and rid of what no file can hold.

        Parameters
        ----------
        report : Report
            A result for each of the lab's checks.
        lab : Lab
            The lab.
        submission : str
            What names the submission.
        seed : int or str
            That the checks were run with.
        isolation : str
            What held the submission.
        message : str
            A remark.
        evidence : mapping, optional
            What there is to look at, by the name of a check.

        Returns
        -------
        Outcome
            With status ``"graded"``.
        """
        results = []
        for number, each in enumerate(lab.checks, 1):
            found, seen = report[each.name], (evidence or {}).get(each.name, Evidence())
            told = {
                "message": plain(found.message),
                "look": {name: _look(value) for name, value in found.look.items()},
                "where": plain(found.where),
                **vars(seen),
                "differs": plain(seen.differs),
            }
            results.append(_outcome(each, number, found.status, found.points, **told))
        return cls(
            plain(submission), lab.name, lab.title, "graded", tuple(results), plain(message), seed, isolation
        )

    @classmethod
    def without_verdict(
        cls,
        message: str,
        lab: Lab,
        *,
        submission: str,
        status: str = "refused",
        seed: int | str = 0,
        isolation: str = "",
    ) -> Outcome:
        """Make an outcome of a submission none of whose checks was run.

        Parameters
        ----------
        message : str
            Why not.
        lab : Lab
            The lab: each of its checks is ``"not run"``.
        submission : str
            What names the submission.
        status : str
            ``"refused"`` or ``"error"``.
        seed : int or str
            That the checks would have been run with.
        isolation : str
            What held the submission.

        Returns
        -------
        Outcome
            With no point.
        """
        results = tuple(_outcome(each, number, "not run", 0) for number, each in enumerate(lab.checks, 1))
        return cls(plain(submission), lab.name, lab.title, status, results, plain(message), seed, isolation)

    def to_json(self) -> str:
        """Give it as text.

        Returns
        -------
        str
            JSON on one line, the same for equal outcomes.
        """
        return json.dumps({_HEAD: VERSION} | asdict(self), ensure_ascii=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Outcome:
        """Read what `to_json` gave.

        Parameters
        ----------
        text : str
            JSON.

        Returns
        -------
        Outcome
            Equal to the one that was written.

        Raises
        ------
        ValueError
            When it is anything else: of another version, or with a field too few or of another type.
        """
        try:
            read = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"an outcome is JSON, and this is not: {error}") from None
        if not isinstance(read, dict) or _HEAD not in read:
            raise ValueError(f"no outcome: there is no {_HEAD!r} in it")
        if (version := read.pop(_HEAD)) != VERSION:
            raise ValueError(f"the outcome has version {version!r}; this hartlab reads version {VERSION}")
        listed = read.get("results")
        if not isinstance(listed, list):
            raise ValueError(f"results={listed!r} of the outcome should be a list")
        results = tuple(read_fields(CheckOutcome, each, "a result of the outcome") for each in listed)
        return read_fields(cls, {**read, "results": results}, "the outcome")


def _outcome(check: Check, number: int, status: str, points: int, **told: Any) -> CheckOutcome:
    return CheckOutcome(
        check.name,
        str(number),
        points,
        check.points,
        status,
        visibility=check.visibility,
        tags=check.of,
        **told,
    )


def _look(value: int | str) -> int | str:
    return plain(value) if isinstance(value, str) else int(value)
