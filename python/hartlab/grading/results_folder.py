"""The folder of outcomes, from which an interrupted run goes on: a file for each, and what each was of."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..atomic_write import atomic_write
from ..labs import Lab
from .formats import file_name, write_all
from .lab_version import version_of
from .outcome import Outcome
from .task import Graded, Task

OUTCOMES, REPORTS = "outcomes", "report"
_DONE = "done.jsonl"


class ResultsFolder:
    """Outcomes on disk.

    Parameters
    ----------
    folder : path
        Made when it is not there.
    given : Lab
        What is graded.
    """

    def __init__(self, folder: str | os.PathLike[str], given: Lab) -> None:
        self._folder = Path(folder)
        for name in (OUTCOMES, REPORTS):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._lab = version_of(given)
        self._done = self._read()

    def find(self, task: Task) -> Outcome | None:
        """The outcome of a task, when it was made of the same submission in the same way."""
        if self._done.get(task.name) != self._key(task):
            return None
        with suppress(OSError, ValueError):
            return Outcome.from_json(self._path(task.name).read_text("utf-8"))
        return None

    def add(self, task: Task, came: Graded) -> None:
        """Write an outcome and its files. One that is the grader's own error does not count as done."""
        outcome = came.outcome
        for name, data in came.replays.items():
            atomic_write(self._folder / REPORTS / name, data)
        atomic_write(self._path(task.name), outcome.to_json().encode() + b"\n")
        if outcome.status != "error":
            with (self._folder / _DONE).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"submission": task.name, "key": self._key(task)}) + "\n")

    def write_formats(self, outcomes: Sequence[Outcome]) -> None:
        """Write what platforms read."""
        if importlib.util.find_spec("jinja2") and importlib.util.find_spec("junitparser"):
            write_all(outcomes, self._folder)
        else:
            warnings.warn('no formats of platforms were written: pip install "hartlab[report]"', stacklevel=3)

    def _path(self, name: str) -> Path:
        return self._folder / OUTCOMES / f"{file_name(name)}.json"

    def _read(self) -> dict[str, str]:
        done = {}
        with suppress(FileNotFoundError):
            for line in (self._folder / _DONE).read_text("utf-8").splitlines():
                with suppress(ValueError, KeyError, TypeError):  # cut off in the middle of writing
                    row = json.loads(line)
                    done[str(row["submission"])] = str(row["key"])
        return done

    def _key(self, task: Task) -> str:
        import hartlab

        handed = task.handed.digest if task.handed else task.refusal
        parts = (hartlab.__version__, self._lab, handed, task.own_seed, task.at_most, str(task.pictures))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
