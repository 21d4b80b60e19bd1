"""What a lab.toml may say, and what is said of one that says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

import hartlab as hl
from hartlab.authoring import start

MISTAKES = {
    "no TOML": ("order = 1", "order 1", "lab.toml is no TOML: Expected '='"),
    "no title": ('title = "mine"', "", "lab.toml has no title"),
    "no points": ("points = 10", "", "lab.toml has no points"),
    "a key that there is not": ("order = 1", "ordre = 1", "has 'ordre', which is none of order, title"),
    "another type": ("points = 10", 'points = "10"', "points='10' in .*lab.toml should be an integer"),
    "no function": ('"kfree"]', '"kfreed"]', "function='kfreed' is none of"),
    "a budget that there is not": (
        "[kernel]",
        "[budget]\nline = 5\n[kernel]",
        "budget.line in .* is none of",
    ),
    "a budget of nothing": ("[kernel]", "[budget]\nlines = 0\n[kernel]", "budget.lines=0 in .* from 1 on"),
    "other points": ("points = 10", "points = 11", "says 11 points; its checks have 10"),
    "no handout": ("order = 1", "order = 1\nhandout = 3", "handout=3 in .* should be a path"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_settings_is_named(mistake: str, tmp_path: Path) -> None:
    old, new, says = MISTAKES[mistake]
    settings = start(tmp_path / "mine") / "lab.toml"
    text = settings.read_text("utf-8")
    assert old in text
    settings.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=says):
        hl.lab(settings.parent)
