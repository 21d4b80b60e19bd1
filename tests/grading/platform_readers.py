"""What platforms do with a file that they are given, after their own code: ours is read as it was meant.

Only what they look at is here, in words of our own, with the file that it is taken from.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Read:
    """What a platform has learnt."""

    points: float
    most: float
    failed: bool = False
    told: tuple[str, ...] = ()


def prairielearn(text: str) -> Read:
    """PrairieLearn's `externalGraderCommon` (makeGradingResult) and `pl-external-grader-results.py`.

    The first refuses a score that is no number, and takes format_errors as a text or a list of them. The
    second shows points only where every test has both kinds, adds them up, formats them as floats, converts
    messages and outputs from text with ANSI codes, and wants a url of each image.
    """
    results = json.loads(text.replace("\0", "\ufffd"))
    if not results.get("gradable", True):
        errors = results.get("format_errors", [])
        errors = [errors] if isinstance(errors, str) else errors
        assert errors
        assert all(isinstance(each, str) for each in errors)
        return Read(0, 0, True, tuple(errors))
    assert isinstance(results["score"], int | float)
    assert 0 <= results["score"] <= 1
    told = [results.get("message"), results.get("output")]
    images = list(results.get("images", []))
    for test in results["tests"]:
        assert float(f"{test['points']:.2f}") <= float(f"{test['max_points']:.2f}")
        told += [test.get(field) for field in ("name", "message", "output", "description")]
        images += test.get("images", [])
    assert all(isinstance(each, str | None) for each in told)
    assert all(each["url"].startswith("data:image/") for each in images)
    points, most = (sum(test[field] for test in results["tests"]) for field in ("points", "max_points"))
    assert results["score"] == points / most
    return Read(points, most, False, tuple(filter(None, told)))


def github_classroom(runners: str, environment: Mapping[str, str]) -> Read:
    """autograding-grading-reporter's `main.js`, `aggregate-results.js` and `notify-classroom.js`.

    The results of runner `x` are base64 of JSON in the variable `X_RESULTS`. Points are the scores of all
    tests and the sum of max_score, without which nothing is reported; the number of tests is divided by. The
    step fails when a status is fail or error.
    """
    every = [
        json.loads(base64.b64decode(environment[f"{each.strip().upper()}_RESULTS"], validate=True))
        for each in runners.split(",")
    ]
    points = sum(test["score"] for results in every for test in results["tests"])
    most = sum(results["max_score"] for results in every)
    assert most > 0
    told: list[str] = []
    for results in every:
        assert len(results["tests"]) > 0
        for test in results["tests"]:
            assert test["status"] in ("pass", "fail", "error")
            told += [test["name"], test["message"] or ""]
    return Read(points, most, any(each["status"] in ("fail", "error") for each in every), tuple(told))


_TEXT: dict[str, Any] = {"text": True}
# jenkinsci/xunit-plugin, `junit-10.xsd`: attributes that must be there, those that may, and what is within.
_JUNIT: dict[str, dict[str, Any]] = {
    "testsuites": {"may": {"name", "time", "tests", "failures", "errors"}, "within": {"testsuite"}},
    "testsuite": {
        "must": {"name", "tests", "failures", "errors"},
        "may": {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        "within": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    },
    "properties": {"within": {"property"}},
    "property": {"must": {"name", "value"}},
    "testcase": {
        "must": {"name"},
        "may": {"time", "classname", "group"},
        "within": {"skipped", "error", "failure", "system-out", "system-err"},
    },
    **{kind: {"may": {"type", "message"}, "text": True} for kind in ("skipped", "error", "failure")},
    "system-out": _TEXT,
    "system-err": _TEXT,
}


def junit(element: Element) -> None:
    """Fail unless it is what the schema of Jenkins' xUnit plugin allows."""
    rule = _JUNIT[element.tag]
    must, may = rule.get("must", set()), rule.get("may", set())
    assert must <= set(element.attrib) <= must | may, (element.tag, element.attrib)
    if time := element.get("time"):
        assert time.replace(".", "", 1).isdigit()
    assert rule.get("text") or not (element.text or "").strip()
    for each in element:
        assert each.tag in rule.get("within", set()), (element.tag, each.tag)
        junit(each)
