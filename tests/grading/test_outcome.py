"""Outcomes: plain data that goes through JSON unchanged, whatever a submission has put into it."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

import hartlab as hl
from hartlab.grading import CheckOutcome, Outcome
from hartlab.grading.plain import LENGTH, plain

LAB = hl.lab("walk-and-mappages")


def outcome_of(**functions: Any) -> Outcome:
    return Outcome.of(LAB.check(**functions), LAB, submission="ada", seed=7, isolation="none")


def wrong_walk(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    return 0


def test_an_outcome_has_what_the_report_has() -> None:
    report = LAB.check(walk=wrong_walk)
    outcome = Outcome.of(report, LAB, submission="ada")
    assert (outcome.points, outcome.max_points) == (report.points, report.max_points)
    assert [(each.name, each.status) for each in outcome.results] == [(r.name, r.status) for r in report]
    [first, *_] = outcome.results
    assert (first.number, first.tags, first.visibility) == ("1", ("walk",), "visible")
    assert first.message == report[0].message
    assert first.where == report[0].where
    assert not outcome.passed


def test_the_score_is_a_part_of_the_points() -> None:
    outcome = outcome_of(mappages=lambda k, pagetable, va, size, pa, perm: 0)
    assert outcome.score == outcome.points / 20


def test_json_gives_the_same_outcome_and_the_same_text() -> None:
    outcome = outcome_of(walk=wrong_walk)
    text = outcome.to_json()
    assert Outcome.from_json(text) == outcome
    assert Outcome.from_json(text).to_json() == text
    assert "\n" not in text


def test_a_refused_submission_earns_nothing() -> None:
    outcome = Outcome.without_verdict("walk.c:3: error", LAB, submission="bob")
    assert (outcome.status, outcome.points, outcome.max_points) == ("refused", 0, 20)
    assert {each.status for each in outcome.results} == {"not run"}
    assert Outcome.from_json(outcome.to_json()) == outcome


def broken(change: dict[str, Any], result: dict[str, Any] | None = None) -> str:
    read = json.loads(outcome_of(walk=wrong_walk).to_json())
    read["results"][0] |= result or {}
    return json.dumps({key: value for key, value in (read | change).items() if value is not ...})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "an outcome is JSON, and this is not"),
        ("[]", "no outcome"),
        ("{}", "no outcome: there is no 'hartlab outcome' in it"),
        (broken({"hartlab outcome": 2}), "has version 2; this hartlab reads version 1"),
        (broken({"seed": ...}), "the outcome has no field 'seed'"),
        (broken({"score": 1}), "the outcome has the unknown field 'score'"),
        (broken({"seed": [7]}), "seed=[7] of the outcome should be an integer or a text"),
        (broken({"results": 3}), "results=3 of the outcome should be a list"),
        (broken({"results": [3]}), "a result of the outcome should be an object and is 3"),
        (broken({"status": "fine"}), "status='fine' is none of"),
        (broken({}, {"points": True}), "points=True of a result of the outcome should be an integer"),
        (broken({}, {"points": 4}), "points=4 of 'walk finds every page' are not within 0 and 3"),
        (broken({}, {"look": {"va": None}}), "should be an object of integers and texts"),
        (broken({}, {"tags": [1]}), "should be a list of texts"),
        (broken({}, {"visibility": "secret"}), "visibility='secret' is none of 'visible'"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Outcome.from_json(text)


def test_what_a_submission_raises_fits_every_format() -> None:
    def walk(k: Any, pagetable: int, va: int, alloc: bool) -> int:
        raise ValueError("\ud800 \x1b[31m \0" + "x" * 1_000_000)

    [first, *_] = outcome_of(walk=walk).results
    assert len(first.message) <= LENGTH
    first.message.encode()
    assert not set(first.message) & {"\0", "\x1b"}
    assert first.message.endswith("... (cut)")


def test_plain_text_stays_as_it_is() -> None:
    assert plain("two lines\n\tand more — \U0001f600") == "two lines\n\tand more — \U0001f600"


def test_outcomes_cannot_be_changed() -> None:
    check = CheckOutcome("one", "1", 0, 1, "failed", visibility="hidden")
    assert check.hidden
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.points = 1  # type: ignore[misc]
