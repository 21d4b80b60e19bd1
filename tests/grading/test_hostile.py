"""Hostile submissions, in the folder `hostile`: each gets its honest score, and costs no other anything.

The first lines of each say what it tries, what it earns, what its outcome says, and from which level of
isolation on it is held. In the suite they meet the strongest level that this computer has, all but the slow
ones; `make hostile` has all of them meet every level.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

pytest.importorskip("landlockpy", reason="needs the extra grade, and Linux")

from compilers import needs_compiler
from hartlab.grading import Outcome, compiling, grade, player_process, waiting
from hartlab.grading.grader import graded
from hartlab.grading.intake import read
from hartlab.grading.isolating import isolation_of
from hartlab.grading.jail.levels import LEVELS, attacked
from hartlab.grading.task import Task
from hartlab.labs import SubmissionError, lab

LAB = lab("walk-and-mappages")
FOLDER = Path(__file__).parent / "hostile"


@dataclass(frozen=True)
class Hostile:
    """A file, and what its first lines say."""

    path: Path
    score: int
    says: str
    held_from: str
    slow: bool


def stated(path: Path) -> Hostile:
    said = dict(
        re.findall(r"^(?:#|//) (score|says|held from|slow): ?(.*)$", path.read_text("utf-8"), re.MULTILINE)
    )
    return Hostile(path, int(said["score"]), said["says"], said.get("held from", "limits"), "slow" in said)


ALL = [stated(path) for path in sorted(FOLDER.iterdir()) if path.suffix in (".py", ".c")]


EVERY_LEVEL = bool(os.environ.get("HARTLAB_EVERY_LEVEL"))
MET = [level for level in LEVELS if attacked(level)] if EVERY_LEVEL else [isolation_of().level]
CASES = [
    pytest.param(
        level,
        each,
        id=f"{level}: {each.path.name}",
        marks=[needs_compiler] if each.path.suffix == ".c" else [],
    )
    for level in MET
    for each in ALL
    if LEVELS.index(each.held_from) <= LEVELS.index(level) and (EVERY_LEVEL or not each.slow)
]


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of time each, and a short patience, so that they are tried quickly."""
    monkeypatch.setattr(player_process, "PLAYER", replace(player_process.PLAYER, cpu=1))
    monkeypatch.setattr(player_process, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(player_process, "MOST_MESSAGES", 5000)
    monkeypatch.setattr(compiling, "COMPILER", replace(compiling.COMPILER, cpu=2))
    monkeypatch.setattr(waiting, "LOOK", 100)


def outcome_of(path: Path, level: str) -> Outcome:
    try:
        handed, refusal = read(path, LAB.functions), ""
    except SubmissionError as error:
        handed, refusal = None, str(error)
    return graded(Task(path.stem, LAB.name, handed, refusal), level).outcome


@pytest.mark.parametrize(("level", "hostile"), CASES)
def test_a_hostile_submission_gets_its_honest_score(level: str, hostile: Hostile) -> None:
    outcome = outcome_of(hostile.path, level)
    said = "\n".join([outcome.message, *(each.message for each in outcome.results)])
    assert outcome.status in ("graded", "refused"), said
    assert outcome.isolation == level
    assert outcome.points == hostile.score, said
    assert hostile.says in said


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 40
    assert len({each.path.suffix for each in ALL}) == 2


def test_one_bad_submission_costs_no_other_its_score(tmp_path: Path) -> None:
    """They are graded between honest ones, by the same processes."""
    bad = [
        "exits_early.py",
        "takes_all_memory.py",
        "sends_no_json.py",
        "hangs_up.py",
        "crashes.py",
        "is_no_python.py",
    ]
    paths = []
    for number, name in enumerate(bad):
        honest = tmp_path / f"honest_{number}.py"
        honest.write_text(LAB.reference())
        paths += [FOLDER / name, honest]
    grades = grade(LAB.name, paths)
    assert [each.points for each in grades] == [0, LAB.points] * len(bad)
