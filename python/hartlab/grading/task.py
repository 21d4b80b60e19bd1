"""One submission's grading as plain data, for whoever does it: this process, another, another computer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .intake import Handed
from .outcome import Outcome


@dataclass(frozen=True)
class Task:
    """What is to be graded, and how.

    Attributes
    ----------
    name : str
        The submission's.
    lab : str
        A name of `hartlab.labs`, or the path of a folder.
    handed : Handed or None
        What was handed in; None when it could not be read.
    refusal : str
        Why it could not.
    seed : int or str
        What the checks' random numbers depend on, for everybody.
    at_most, required : str
        The strongest isolation to use, and the weakest that will do.
    pictures : bool
        Whether to draw what went wrong, and to keep the kernel.
    version : str
        Of the lab's files, equal as long as they are.
    seconds : int
        Of the clock, after which the grader gives it up.
    """

    name: str
    lab: str
    handed: Handed | None
    refusal: str = ""
    seed: int | str = 0
    at_most: str = "namespaces"
    required: str = "limits"
    pictures: bool = False
    version: str = ""
    seconds: int = 3600

    @property
    def own_seed(self) -> str:
        """What this submission's random numbers depend on: others have others."""
        return f"{self.seed}/{self.name}"

    def divided(self) -> list[Task]:
        """The submissions that it is of."""
        return [self]


@dataclass(frozen=True)
class Graded:
    """What comes back.

    Attributes
    ----------
    outcome : Outcome
        The verdict.
    replays : mapping of str to bytes
        The files that it names, for `hartlab.load`.
    """

    outcome: Outcome
    replays: Mapping[str, bytes] = field(default_factory=dict)
