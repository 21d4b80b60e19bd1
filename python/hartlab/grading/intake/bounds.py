"""How much one submission may hand in."""

from __future__ import annotations

from ... import words
from ...labs import SubmissionError

MOST_FILES = 500
MOST_BYTES = 8 << 20


class Bounds:
    """Counts files and bytes, and refuses what is too much."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._files = 0
        self._bytes = 0

    @property
    def left(self) -> int:
        """Bytes that may still come."""
        return MOST_BYTES - self._bytes

    def entry(self) -> None:
        """Count an entry, whatever it is."""
        self._files += 1
        if self._files > MOST_FILES:
            raise SubmissionError(f"{self._name} has more than {MOST_FILES} entries")

    def count(self, size: int) -> None:
        """Count bytes."""
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise SubmissionError(f"{self._name} has more than {words.size(MOST_BYTES)} of code")
