"""What a state has beside the engine's: remembered by every snapshot, and looked at when one is saved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import _engine
from ..atomic_write import atomic_write
from ..c_code import CCode
from ..seam import Performer
from .container import Contents, pack


@dataclass(frozen=True)
class Origin:
    """How what a snapshot was taken of had been made."""

    kind: str
    config: Mapping[str, Any]
    facts: Mapping[str, Any]
    performers: Mapping[str, Performer | CCode] = field(default_factory=dict)

    def save(self, saved: _engine.SavedMachine | _engine.SavedKernel, path: str | os.PathLike[str]) -> None:
        """Write a state of it to a file."""
        facts = {**self.facts, "config": self.config}
        if isinstance(saved, _engine.SavedKernel):
            facts["replaced"] = replaced(self.performers, dict(saved.c_data))
        atomic_write(path, pack(Contents(self.kind, facts, saved.encode())), sync=True)


def replaced(
    performers: Mapping[str, Performer | CCode], variables: Mapping[int, bytes]
) -> list[dict[str, Any]]:
    """Describe what takes the place of functions: names, and of C code what its variables hold."""
    rows: list[dict[str, Any]] = [
        {"by": "Python", "functions": [name]}
        for name, each in sorted(performers.items())
        if not isinstance(each, CCode)
    ]
    for code in dict.fromkeys(each for each in performers.values() if isinstance(each, CCode)):
        names = sorted(name for name, each in performers.items() if each is code)
        rows.append(
            {
                "by": "C",
                "functions": names,
                "code": code_hash(code),
                "variables": variables.get(code._number, b""),
            }
        )
    return rows


def code_hash(code: CCode) -> str:
    """Tell C code from other C code."""
    return hashlib.sha256(code._linked.text_bytes).hexdigest()
