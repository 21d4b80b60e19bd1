"""The folder of outcomes, from which an interrupted run goes on: a file for each, and what each was of."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from ..labs import Lab
from .outcome import Outcome
from .task import Task

OUTCOMES = "outcomes"
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
        (self._folder / OUTCOMES).mkdir(parents=True, exist_ok=True)
        self._lab = _digest_of(given)
        self._done = self._read()

    def find(self, task: Task) -> Outcome | None:
        """The outcome of a task, when it was made of the same submission in the same way."""
        if self._done.get(task.name) != self._key(task):
            return None
        with suppress(OSError, ValueError):
            return Outcome.from_json(self._path(task.name).read_text("utf-8"))
        return None

    def add(self, task: Task, outcome: Outcome) -> None:
        """Write an outcome. One that is the grader's own error does not count as done."""
        _write(self._path(task.name), outcome.to_json() + "\n")
        if outcome.status != "error":
            with (self._folder / _DONE).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"submission": task.name, "key": self._key(task)}) + "\n")

    def _path(self, name: str) -> Path:
        """A name may be any that a file system holds; what is unusual in it is replaced, and told apart."""
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:80]
        if plain != name or plain.startswith("."):
            plain = f"{plain.lstrip('.')}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"
        return self._folder / OUTCOMES / f"{plain}.json"

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
        parts = (hartlab.__version__, self._lab, handed, task.own_seed, task.at_most)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _digest_of(given: Lab) -> str:
    """Equal as long as the lab's files are."""
    files = [
        each for each in sorted(given.folder.rglob("*")) if each.is_file() and "__pycache__" not in each.parts
    ]
    digest = hashlib.sha256()
    for path in files:
        digest.update(
            f"{path.relative_to(given.folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes()
        )
    return digest.hexdigest()


def _write(path: Path, text: str) -> None:
    """At once: no reader sees a part of it."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
