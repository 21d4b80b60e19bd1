"""What a student may be shown of an outcome, for platforms that show all that they are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..outcome import CheckOutcome, Outcome


@dataclass(frozen=True)
class Shown:
    """A check as a student may see it.

    Attributes
    ----------
    name : str
        Its name; of a hidden check, its number.
    text : str
        What was found and where to look; empty for a hidden check.
    check : CheckOutcome
        The whole.
    """

    name: str
    text: str
    check: CheckOutcome


def shown(outcome: Outcome) -> Iterator[Shown]:
    """Give every check, and of the hidden ones no more than what they are worth.

    Parameters
    ----------
    outcome : Outcome
        Of a submission.

    Yields
    ------
    Shown
        In the order of the checks.
    """
    for each in outcome.results:
        if each.hidden:
            yield Shown(f"hidden check {each.number}", "", each)
        else:
            yield Shown(each.name, told(each), each)


def told(check: CheckOutcome) -> str:
    """Say what was found, and where to look.

    Parameters
    ----------
    check : CheckOutcome
        Of a submission.

    Returns
    -------
    str
        Lines; empty when it passed.
    """
    status = f"{check.status}: " if check.status.startswith("not ") else ""
    look = f"look at: {check.where}" if check.where else ""
    first = f"unlike the engine's own: {check.differs}" if check.differs else ""
    return "\n".join(filter(None, [f"{status}{check.message}", look, first]))
