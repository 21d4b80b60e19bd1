"""Grading: submissions judged, and what came of them in the formats that platforms read."""

from .outcome import CheckOutcome, Outcome

__all__ = ["CheckOutcome", "Outcome"]
