"""What a ``lab.toml`` says, checked: each key that there is, of its type, and no other."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_BUDGETS = ("instructions", "lines", "seconds")
_KINDS: dict[str, tuple[type, str]] = {
    "order": (int, "an integer"),
    "title": (str, "a text"),
    "task": (str, "a text"),
    "functions": (list, "a list of names"),
    "points": (int, "an integer"),
    "handout": (str, "a path"),
    "kernel": (dict, "a table"),
    "budget": (dict, "a table"),
}
_NEEDED = ("title", "task", "functions", "points")


def settings_of(folder: Path) -> dict[str, Any]:
    """Read the ``lab.toml`` of a folder.

    Raises
    ------
    ValueError
        When it is no TOML, lacks something, or has what there is not.
    """
    path = folder / "lab.toml"
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    for name in _NEEDED:
        if name not in settings:
            raise ValueError(f"{path} has no {name}")
    for name, value in settings.items():
        if name not in _KINDS:
            raise ValueError(f"{path} has {name!r}, which is none of {', '.join(_KINDS)}")
        kind, words = _KINDS[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"{name}={value!r} in {path} should be {words}")
    for name, value in settings.get("budget", {}).items():
        if name not in _BUDGETS:
            raise ValueError(f"budget.{name} in {path} is none of {', '.join(_BUDGETS)}")
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"budget.{name}={value!r} in {path} should be an integer from 1 on")
    return settings
