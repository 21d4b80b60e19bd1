"""Grading: submissions judged, and what came of them in the formats that platforms read."""

from .batch import grade
from .grades import Grades
from .isolating import IsolationError
from .outcome import CheckOutcome, Outcome

__all__ = ["CheckOutcome", "Grades", "IsolationError", "Outcome", "grade"]
