"""Partial credit: a check in parts, each worth points of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

from .expect import CheckFailed


class Parts:
    """What a check of several parts has earned so far: its ``part``.

    ``with part("a page"):`` is a part. When an expectation in it fails, its points are lost and the check
    goes on behind it; a panic, or anything else that goes wrong, ends the check.

    Parameters
    ----------
    check : str
        The check's name.
    points : mapping
        What each part is worth, by name.
    """

    def __init__(self, check: str, points: Mapping[str, int]) -> None:
        self._check = check
        self._points = dict(points)
        self._begun: list[str] = []
        self.earned = 0
        self.failures: list[tuple[str, CheckFailed]] = []

    def __call__(self, name: str) -> _Part:
        """Begin a part."""
        if name not in self._points:
            raise ValueError(f"the check {self._check!r} has no part {name!r}: {self._listed()}")
        if name in self._begun:
            raise ValueError(f"the check {self._check!r} comes to its part {name!r} twice")
        self._begun.append(name)
        return _Part(self, name)

    def finish(self) -> None:
        """Fail the check if a part of it has failed.

        Raises
        ------
        CheckFailed
            With the places of the first failure; `told` says the rest.
        ValueError
            When the check has left out a part.
        """
        if missing := [name for name in self._points if name not in self._begun]:
            raise ValueError(f"the check {self._check!r} never comes to its part {missing[0]!r}")
        if self.failures:
            raise CheckFailed("", **self.failures[0][1].look)

    def told(self, also: str) -> str:
        """Say which parts have failed, and what else."""
        lines = [f"{name}: {failure.message}" for name, failure in self.failures]
        return "\n".join(filter(None, [*lines, also]))

    def end(self, name: str, failure: CheckFailed | None) -> None:
        """Note what came of a part."""
        if failure is None:
            self.earned += self._points[name]
        else:
            self.failures.append((name, failure))

    def _listed(self) -> str:
        return f"its parts are {', '.join(map(repr, self._points))}" if self._points else "it has no parts"


class _Part:
    def __init__(self, parts: Parts, name: str) -> None:
        self._parts = parts
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if error is None or isinstance(error, CheckFailed):
            self._parts.end(self._name, error)
            return True
        return False
