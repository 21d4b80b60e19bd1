"""The file that an interrupted sweep continues from: a line of JSON for the sweep, then one for each point.

Lines are only ever appended. One that was cut off in the middle of writing is dropped when the file is read.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import identity
from .grid import Point
from .worker import Outcome

_FORMAT = "hartlab sweep"


class ResultsFile:
    """Outcomes by the key of their point, in memory and on disk.

    Parameters
    ----------
    path : path
        Made when it is not there.
    sweep : mapping
        What identifies the sweep, in words that an error may use: what is named must be what is in the file.

    Raises
    ------
    ValueError
        When the file is another sweep's, or no results file at all. It is left alone.
    """

    def __init__(self, path: str | os.PathLike[str], sweep: Mapping[str, str]) -> None:
        self._path = Path(path)
        self.done: dict[str, Outcome] = {}
        whole = self._whole_lines()
        if not whole:
            self._append([json.dumps({_FORMAT: 1, **sweep})])
            return
        self._check(whole[0], sweep)
        for number, line in enumerate(whole[1:], 2):
            try:
                row = json.loads(line)
                self.done[identity.key(dict(row["point"]))] = _decoded(row)
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"{self._path}:{number} is not a result of hartlab.sweep") from None

    def add(self, outcomes: Iterable[tuple[Point, Outcome]]) -> None:
        """Write outcomes behind the others."""
        listed = [(identity.described(point), outcome) for point, outcome in outcomes]
        self._append([json.dumps({"point": point} | _encoded(outcome)) for point, outcome in listed])

    def _whole_lines(self) -> list[str]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        end = data.rfind(b"\n") + 1
        if not data[:end] and not f'{{"{_FORMAT}"'.encode().startswith(data[: len(_FORMAT) + 3]):
            raise self._foreign()
        if end < len(data):
            os.truncate(self._path, end)
        return data[:end].decode("utf-8", "replace").splitlines()

    def _check(self, line: str, sweep: Mapping[str, str]) -> None:
        try:
            header = json.loads(line)
            known = header[_FORMAT] == 1
        except (ValueError, KeyError, TypeError):
            raise self._foreign() from None
        if not known:
            raise ValueError(f"results={str(self._path)!r} was written by a later hartlab")
        for what, value in sweep.items():
            if header.get(what) != value:
                raise ValueError(
                    f"results={str(self._path)!r} belongs to another sweep: {what} was {header.get(what)}, "
                    f"and is {value}. Name another file, or delete this one"
                )

    def _foreign(self) -> ValueError:
        return ValueError(f"results={str(self._path)!r} is there, and is not a results file of hartlab.sweep")

    def _append(self, lines: list[str]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))


def _encoded(outcome: Outcome) -> dict[str, Any]:
    if outcome.values is None:
        return {"error": outcome.error}
    return {"values": {name: _to_json(value) for name, value in outcome.values.items()}}


def _decoded(row: dict[str, Any]) -> Outcome:
    if "error" in row:
        return Outcome(error=row["error"])
    return Outcome({name: _from_json(value) for name, value in row["values"].items()})


def _to_json(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    file = io.BytesIO()
    np.save(file, value, allow_pickle=False)
    return {"npy": base64.b64encode(file.getvalue()).decode()}


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return np.load(io.BytesIO(base64.b64decode(value["npy"])), allow_pickle=False)
