"""How long a submission's grading may take by the clock before the grader gives up on it.

No verdict depends on it: budgets are counts, and end whatever a submission does long before. It is for the
grader's own sake, when something hangs that nobody has thought of. So it is what all budgets together allow,
tenfold, for a computer that is busy.
"""

from __future__ import annotations

from ..labs import Lab
from ..labs.lab import INSTRUCTIONS, LINES
from .intake import Handed
from .jail.limits import COMPILER, PLAYER
from .player_process import MOST_SECONDS

_CHECK = 5  # seconds that a check may use with the budgets of a lab that states none
_BUSY = 10


def seconds_for(lab: Lab, handed: Handed | None) -> int:
    """Give the seconds that the grading of a submission may take.

    Parameters
    ----------
    lab : Lab
        Whose ``lab.toml`` may say it: ``seconds`` in ``[budget]``.
    handed : Handed or None
        What is compiled and played.

    Returns
    -------
    int
        Minutes rather than seconds, unless the lab says otherwise.
    """
    if lab.seconds is not None:
        return lab.seconds
    compilers = COMPILER.cpu * len(handed.c) if handed else 0
    players = MOST_SECONDS + PLAYER.cpu if handed and handed.python else 0
    budgets = max(1.0, lab.instructions / INSTRUCTIONS, lab.lines / LINES)
    return round(_BUSY * (compilers + players + _CHECK * budgets * len(lab.checks)))
