"""Whether anything that students must not see has got into what they are given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..labs import Lab
from .stripping import hidden_lines, visible_checks

_TELLING = 20  # characters of a line that says something


class LeakError(ValueError):
    """A release would have given away a solution or a hidden check. Nothing was written."""


def find_leak(lab: Lab, files: Iterable[tuple[str, str]]) -> str | None:
    """Look for hidden checks and lines of solutions.

    A line is a secret when it stands in a reference, in a wrong solution or in a hidden check, and neither
    in a starter nor in a visible check.

    Parameters
    ----------
    lab : Lab
        The lecturer's.
    files : iterable of (str, str)
        Name and text of what students are given.

    Returns
    -------
    str or None
        What was found, and where.
    """
    secrets = list(_secrets(lab))
    for name, text in files:
        if Path(name).stem == "reference" or "wrong" in Path(name).parts:
            return f"{name} is a solution"
        told = _sources(text) if name.endswith(".ipynb") else text
        for secret, what in secrets:
            if secret in told:
                return f"{name} has {what}: {secret!r}"
    return None


def _secrets(lab: Lab) -> Iterator[tuple[str, str]]:
    allowed = "\n".join([visible_checks(lab), *(_text(lab, f"starter.{suffix}") for suffix in ("py", "c"))])
    for each in lab.checks:
        if each.hidden:
            yield each.name, "the name of a hidden check"
    references = (lab.folder / f"reference.{suffix}" for suffix in ("py", "c"))
    lines = [(line, "a line of a hidden check") for line in hidden_lines(lab)]
    for path in (*references, *(each.path for each in lab.wrong())):
        lines += [(line, f"a line of {path.name}") for line in _text(lab, path).splitlines()]
    for line, what in lines:
        if len(line.strip()) >= _TELLING and line.strip() not in allowed:
            yield line.strip(), what


def _text(lab: Lab, path: str | Path) -> str:
    whole = lab.folder / path
    return whole.read_text(encoding="utf-8") if whole.is_file() else ""


def _sources(notebook: str) -> str:
    """All texts of a notebook, outputs too, as they are and not as JSON writes them."""
    found: list[str] = []

    def collect(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            if value and all(isinstance(each, str) for each in value):
                found.append("".join(value))
            else:
                for each in value:
                    collect(each)
        elif isinstance(value, dict):
            for each in value.values():
                collect(each)

    collect(json.loads(notebook))
    return "\n".join(found)
