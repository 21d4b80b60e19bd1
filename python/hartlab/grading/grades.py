"""What came of grading: outcomes, to be read as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..table import Table, as_table
from .outcome import Outcome

_LONGEST = 200


class Grades(Sequence[Outcome]):
    """The outcomes of submissions, in their order. ``grades["alice"]`` is one, and so is ``grades[0]``."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = tuple(outcomes)

    @property
    def table(self) -> Table:
        """A row a submission: submission, points, of, status, message. A copy."""
        rows = [
            (each.submission, each.points, each.max_points, each.status, _brief(each))
            for each in self._outcomes
        ]
        texts = [max((len(row[i]) for row in rows), default=1) or 1 for i in (0, 3, 4)]  # type: ignore[arg-type]
        dtype = [
            *(("submission", f"U{texts[0]}"), ("points", "<i4"), ("of", "<i4")),
            *(("status", f"U{texts[1]}"), ("message", f"U{texts[2]}")),
        ]
        return as_table(np.array(rows, dtype=dtype))

    def __getitem__(self, key):  # type: ignore[no-untyped-def]
        if not isinstance(key, str):
            return self._outcomes[key]
        for each in self._outcomes:
            if each.submission == key:
                return each
        raise KeyError(f"{key!r} is none of the {len(self)} submissions")

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self._outcomes)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def _brief(outcome: Outcome) -> str:
    """Why it was refused, or what failed first."""
    if outcome.status != "graded":
        text = outcome.message
    else:
        failed = [each for each in outcome.results if each.status == "failed"]
        text = f"{failed[0].name}: {failed[0].message}" if failed else outcome.message
    first = text.partition("\n")[0]
    return first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
