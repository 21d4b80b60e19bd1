"""What the checks of a lab came to, to be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

import numpy as np

from .. import _engine, words
from ..kernel import Kernel
from ..table import Table, as_table

_MARKS = {"passed": "✓", "failed": "✗", "not run": "–", "not written": "–", "not answered": "–"}
_LEFT = 'style="text-align: left"'
# Readable for the colour-blind, on white and on dark: the mark and the word say it too.
_COLOURS = {
    "passed": "#0a7d5a",
    "failed": "#c8500a",
    "not run": "gray",
    "not written": "gray",
    "not answered": "gray",
}


@dataclass(frozen=True)
class Result:
    """What came of one check.

    Attributes
    ----------
    name : str
        The check's.
    status : str
        ``"passed"``, ``"failed"``, ``"not run"`` (a check that it needs has not passed) or ``"not written"``
        (a function that it tries was not handed in). Of a quiz's question, ``"not answered"``.
    points, max_points : int
        What it earned, and what it is worth.
    message : str
        What was found, and what should be; empty when it passed.
    look : dict
        What to look at: pid, va, pte, pa and the like, by name.
    kernel : Kernel or None
        The kernel as the check left it, to be looked at: ``kernel.process(pid).page_table.walk(va)``.
    error : BaseException or None
        What the check or the function raised.
    """

    name: str
    status: str
    points: int
    max_points: int
    message: str = ""
    look: dict[str, int | str] = field(default_factory=dict)
    kernel: Kernel | None = field(default=None, repr=False, compare=False)
    error: BaseException | None = field(default=None, repr=False, compare=False)

    @property
    def passed(self) -> bool:
        """Whether it passed."""
        return self.status == "passed"

    @property
    def where(self) -> str:
        """What to look at, in words."""
        return ", ".join(_in_words(name, value, self.kernel) for name, value in self.look.items())

    def _lines(self) -> list[str]:
        head = f"{self.status:12}  {self.points:2}/{self.max_points:<2}  {self.name}"
        lines = [f"{'':21}{line}" for line in self.message.splitlines()]
        if self.look:
            lines.append(f"{'':21}look at: {self.where}")
        return [head, *lines]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _row(self) -> str:
        colour = _COLOURS[self.status]
        text = "<br>".join(escape(line) for line in self.message.splitlines())
        if self.look:
            text += f"<br><small>look at: {escape(self.where)}</small>"
        return (
            f'<tr><td style="color: {colour}; text-align: left; white-space: nowrap">{_MARKS[self.status]} '
            f"{self.status}</td><td>{self.points}/{self.max_points}</td>"
            f"<td {_LEFT}>{escape(self.name)}</td><td {_LEFT}>{text}</td></tr>"
        )


class Report:
    """What `Lab.check` found: a result for each check.

    ``report["name of a check"]`` is a result, and so is ``report[0]``; iterating gives them all.

    Attributes
    ----------
    title : str
        Of the lab.
    results : tuple of Result
        In the order of the checks.

    Examples
    --------
    >>> import hartlab as hl
    >>> report = hl.lab("walk-and-mappages").check(walk=lambda k, pagetable, va, alloc: 0)
    >>> report.passed, report["walk panics at MAXVA"].message
    (False, "there is no panic 'walk', but the result 0")
    """

    def __init__(self, title: str, results: list[Result]) -> None:
        self.title = title
        self.results = tuple(results)

    @property
    def points(self) -> int:
        """What was earned."""
        return sum(each.points for each in self.results)

    @property
    def max_points(self) -> int:
        """What there was to earn."""
        return sum(each.max_points for each in self.results)

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(each.passed for each in self.results)

    @property
    def failed(self) -> list[Result]:
        """The checks that failed."""
        return [each for each in self.results if each.status == "failed"]

    @property
    def table(self) -> Table:
        """A row a check: check, status, points, of, message. A copy."""
        rows = [(r.name, r.status, r.points, r.max_points, r.message) for r in self.results]
        names, statuses, messages = (max(len(str(row[i])) for row in rows) or 1 for i in (0, 1, 4))
        dtype = [("check", f"U{names}"), ("status", f"U{statuses}"), ("points", "<i4"), ("of", "<i4")]
        return as_table(np.array(rows, dtype=[*dtype, ("message", f"U{messages}")]))

    def __getitem__(self, key: int | str) -> Result:
        if not isinstance(key, str):
            return self.results[key]
        for each in self.results:
            if each.name == key:
                return each
        raise KeyError(f"{key!r} is none of the checks: {', '.join(repr(r.name) for r in self.results)}")

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __bool__(self) -> bool:
        return self.passed

    def _head(self) -> str:
        return f"{self.title}: {self.points} of {words.plural(self.max_points, 'point')}"

    def __repr__(self) -> str:
        return "\n".join([f"<{self._head()}>", *(repr(each) for each in self.results)])

    def _repr_html_(self) -> str:
        rows = "".join(each._row() for each in self.results)
        titles = f"<th {_LEFT}>check</th><th {_LEFT}>what is wrong, and where</th>"
        head = f"<tr><th></th><th>points</th>{titles}</tr>"
        return f"<b>{escape(self._head())}</b><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _in_words(name: str, value: int | str, kernel: Kernel | None) -> str:
    if isinstance(value, str):
        return f"{name} {value}"
    number = int(value)
    if name == "pid":
        return f"pid {number}"
    if name == "pte":
        return f"PTE {number:#x} ({_engine.flag_string(number)})"
    if name == "pa":
        return f"frame {number & ~4095:#x}{_owner(number, kernel)}"
    return f"{name.replace('_', ' ')} {number:#x}"


def _owner(pa: int, kernel: Kernel | None) -> str:
    """Whose a frame is, in brackets."""
    if kernel is None:
        return ""
    frames = kernel.frames()
    found = frames[frames["pa"] == pa & ~4095]
    if not len(found):
        return " (no RAM)"
    row = found[0]
    whose = f"{row['owner']} of pid {row['pid']}" if row["pid"] > 0 else str(row["owner"]).replace("_", " ")
    often = f", mapped {row['mappings']} times" if row["mappings"] > 1 else ""
    return f" ({whose}{often})"
