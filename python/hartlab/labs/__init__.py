"""Labs: kernel functions for a student to write, and checks that look at the machine's state.

A lab is a folder with a ``lab.toml``, starters and references in Python and C, ``checks.py``, and wrong
solutions that the checks are tried on. What a ``checks.py`` needs is here: `check`, `expect` and `programs`.
"""

from . import expect, programs
from .award import award, embedded
from .checks import Check, check
from .first_difference import FirstDifference
from .lab import Lab, lab, labs
from .report import Report, Result
from .submission import SubmissionError

__all__ = [
    "Check",
    "FirstDifference",
    "Lab",
    "Report",
    "Result",
    "SubmissionError",
    "award",
    "check",
    "embedded",
    "expect",
    "lab",
    "labs",
    "programs",
]
