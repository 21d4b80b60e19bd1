"""Outcomes in the formats of platforms: valid, honest about points, and silent about what is hidden."""

from __future__ import annotations

import base64
import csv
import dataclasses
import json
from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from junitparser import JUnitXml

import hartlab as hl
from grading import platform_readers, schemas
from hartlab.grading import CheckOutcome, Outcome
from hartlab.grading.evidence import evidence_of, pictures_of
from hartlab.grading.formats import (
    file_name,
    github_classroom,
    gradescope,
    html_report,
    prairielearn,
    write_all,
)
from hartlab.labs import Report, embedded

LAB = hl.lab("walk-and-mappages")
WRONG = "wrong/a_mapping_is_overwritten.py"
SECRETS = (
    "mappages takes back what it did",
    "a kernel runs on both",
    "the number of pages that are mapped still",
)
ODD = '<script>alert("1")</script> ]]> =cmd \u2028 \U0001f600 & \ufffd'


def graded(name: str, file: str, evidence: Path | None = None) -> Outcome:
    runner = LAB.runner(LAB.folder / file)
    report = Report(LAB.title, runner.run(LAB.checks))
    seen, files = evidence_of(report, runner, LAB, name) if evidence else ({}, {})
    for file, data in files.items():
        (evidence / file).write_bytes(data)
    return Outcome.of(report, LAB, submission=name, seed="ada", evidence=seen)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("evidence")
    wrong = graded("bob", WRONG, folder)
    odd = [dataclasses.replace(each, message=ODD, where=ODD) for each in wrong.results]
    return {
        "right": graded("ada", "reference.py"),
        "wrong": wrong,
        "odd": dataclasses.replace(wrong, submission=f"../{ODD}", message=ODD, results=tuple(odd)),
        "refused": Outcome.without_verdict(ODD, LAB, submission="carol"),
        "error": Outcome.without_verdict("no memory", LAB, submission="dave", status="error"),
    }


NAMES = ["right", "wrong", "odd", "refused", "error"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("module", "schema"),
    [
        (gradescope, schemas.GRADESCOPE),
        (prairielearn, schemas.PRAIRIELEARN),
        (github_classroom, schemas.GITHUB_CLASSROOM),
    ],
    ids=["gradescope", "prairielearn", "github-classroom"],
)
def test_a_file_is_what_the_platform_reads(
    outcomes: dict[str, Outcome], name: str, module: Any, schema: dict[str, Any], tmp_path: Path
) -> None:
    module.write(outcomes[name], tmp_path / "results.json")
    read = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(read, schema)
    assert read == module.results(outcomes[name])


@pytest.mark.parametrize("name", NAMES)
def test_prairielearn_reads_it_as_it_is_meant(
    outcomes: dict[str, Outcome], name: str, tmp_path: Path
) -> None:
    prairielearn.write(outcomes[name], tmp_path / "results.json")
    read = platform_readers.prairielearn((tmp_path / "results.json").read_text(encoding="utf-8"))
    outcome = outcomes[name]
    if outcome.status != "graded":
        assert (read.failed, read.told) == (True, (outcome.message,))
    else:
        assert (read.points, read.most) == (outcome.points, outcome.max_points)


@pytest.mark.parametrize("name", NAMES)
def test_the_reporter_of_github_classroom_reads_it_as_it_is_meant(
    outcomes: dict[str, Outcome], name: str, tmp_path: Path
) -> None:
    github_classroom.write(outcomes[name], tmp_path / "x.json")
    output = (tmp_path / "x.output").read_text(encoding="ascii")
    given = output.removeprefix("result=").rstrip("\n")
    read = platform_readers.github_classroom("lab", {"LAB_RESULTS": given})
    outcome = outcomes[name]
    assert (read.points, read.most, read.failed) == (outcome.points, outcome.max_points, not outcome.passed)
    assert outcome.status == "graded" or outcome.message in read.told


def test_the_schemas_can_tell() -> None:
    for schema in (schemas.GRADESCOPE, schemas.PRAIRIELEARN, schemas.GITHUB_CLASSROOM):
        jsonschema.Draft202012Validator.check_schema(schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"score": 2, "gradable": True, "tests": [], "version": 2}, schema)
    for told in ('<testsuites skipped="1"/>', "<testsuites><testcase/></testsuites>", "<testsuite/>"):
        with pytest.raises(AssertionError):
            platform_readers.junit(ElementTree.fromstring(told))


def test_every_format_says_the_same_points(outcomes: dict[str, Outcome]) -> None:
    wrong = outcomes["wrong"]
    assert 0 < wrong.points < 20
    scope = gradescope.results(wrong)
    assert scope["score"] == sum(each["score"] for each in scope["tests"]) == wrong.points
    prairie = prairielearn.results(wrong)
    assert prairie["score"] == wrong.points / 20
    assert sum(each["points"] for each in prairie["tests"]) == wrong.points
    classroom = github_classroom.results(wrong)
    assert sum(each["score"] for each in classroom["tests"]) == wrong.points
    assert classroom["max_score"] == 20


def test_gradescope_is_told_who_may_see_what(outcomes: dict[str, Outcome]) -> None:
    tests = gradescope.results(outcomes["wrong"])["tests"]
    hidden = [each["name"] for each in tests if each["visibility"] == "hidden"]
    assert hidden == [check.name for check in LAB.checks if check.hidden]
    failed = next(each for each in tests if each["status"] == "failed" and each["tags"] == ["mappages"])
    assert "look at: va 0x0" in failed["output"]
    assert failed["extra_data"] == {"look": {"va": 0}, "replay": "bob-8.hartlab"}


@pytest.mark.parametrize("module", [prairielearn, github_classroom])
def test_platforms_that_show_everything_do_not_learn_what_is_hidden(
    outcomes: dict[str, Outcome], module: Any
) -> None:
    wrong = outcomes["wrong"]
    results = [dataclasses.replace(each, message=f"{each.name} failed") for each in wrong.results]
    text = json.dumps(module.results(dataclasses.replace(wrong, results=tuple(results))))
    assert not any(secret in text for secret in SECRETS)
    assert "hidden check 9" in text
    assert "walk finds every page failed" in text


def test_the_status_of_github_classroom(outcomes: dict[str, Outcome]) -> None:
    found = {name: github_classroom.results(outcomes[name])["status"] for name in NAMES}
    assert found == {"right": "pass", "wrong": "fail", "odd": "fail", "refused": "error", "error": "error"}


def test_the_output_of_a_step_of_github_is_base64(outcomes: dict[str, Outcome], tmp_path: Path) -> None:
    github_classroom.write(outcomes["odd"], tmp_path / "x.json")
    [line] = (tmp_path / "x.output").read_text(encoding="ascii").splitlines()
    decoded = base64.b64decode(line.removeprefix("result="), validate=True)
    assert json.loads(decoded) == github_classroom.results(outcomes["odd"])


def test_prairielearn_s_file_stays_below_a_megabyte(outcomes: dict[str, Outcome], tmp_path: Path) -> None:
    def large(**change: Any) -> int:
        wrong = outcomes["wrong"]
        results = [dataclasses.replace(each, **change) for each in wrong.results] * 30
        prairielearn.write(dataclasses.replace(wrong, results=tuple(results)), tmp_path / "x.json")
        jsonschema.validate(
            json.loads((tmp_path / "x.json").read_text(encoding="ascii")), schemas.PRAIRIELEARN
        )
        return (tmp_path / "x.json").stat().st_size

    assert large(pictures=("<svg/>" * 20_000,)) < 1_000_000
    assert large(message="\U0001f600" * 4_000) < 1_000_000
    prairielearn.write(outcomes["wrong"], tmp_path / "y.json")
    assert "data:image/svg+xml;base64," in (tmp_path / "y.json").read_text(encoding="ascii")


def test_what_could_not_be_used_costs_no_attempt_on_prairielearn(outcomes: dict[str, Outcome]) -> None:
    found = prairielearn.results(outcomes["refused"])
    assert (found["gradable"], found["format_errors"]) == (False, [ODD])


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def written(outcomes: dict[str, Outcome], tmp_path: Path) -> Path:
    paths = write_all(list(outcomes.values()), tmp_path)
    assert all(path.is_relative_to(tmp_path) and path.is_file() for path in paths)
    assert len(paths) == len(set(paths)) == 4 * 5 + 5
    return tmp_path


def test_all_formats_are_written(written: Path) -> None:
    assert sorted(each.name for each in written.iterdir()) == [
        *("github-classroom", "gradescope", "junit.xml", "nbgrader.csv"),
        *("otter.csv", "prairielearn", "report", "report.html", "scores.csv"),
    ]


def test_csv_is_a_row_a_submission_and_no_formula(written: Path, outcomes: dict[str, Outcome]) -> None:
    head, *rows = rows_of(written / "scores.csv")
    assert head[:5] == ["submission", "status", "points", "of", "walk finds every page"]
    assert [row[2] for row in rows] == [str(each.points) for each in outcomes.values()]
    formula = dataclasses.replace(outcomes["right"], submission="=1+1", message="@x")
    write_all([formula], written / "again")
    [_, row] = rows_of(written / "again" / "scores.csv")
    assert (row[0], row[-1]) == ("'=1+1", "'@x")


def test_the_table_of_otter_begins_with_what_is_possible(written: Path) -> None:
    head, possible, *rows = rows_of(written / "otter.csv")
    assert head[0] == "file"
    assert head[-3:] == ["total_points_earned", "percent_correct", "grading_status"]
    assert (possible[0], possible[-3]) == ("points-per-question", "20")
    assert rows[0][-3:] == ["20", "1.0", "Completed"]


def test_the_table_of_nbgrader_has_the_columns_of_its_exporter(written: Path) -> None:
    head, *rows = rows_of(written / "nbgrader.csv")
    assert len(head) == 11
    assert dict(zip(head, rows[0], strict=True)) | {"score": "20.0", "max_score": "20.0"} == dict(
        zip(head, rows[0], strict=True)
    )


def test_junit_is_read_back(written: Path, outcomes: dict[str, Outcome]) -> None:
    suites = list(JUnitXml.fromfile(str(written / "junit.xml")))
    assert [suite.name for suite in suites] == [each.submission for each in outcomes.values()]
    right, wrong, _, refused, _ = suites
    assert (right.tests, right.failures, right.errors, right.skipped) == (10, 0, 0, 0)
    assert (wrong.failures, refused.errors) == (
        sum(r.status in ("failed", "not written") for r in outcomes["wrong"].results),
        10,
    )
    root = ElementTree.parse(written / "junit.xml").getroot()
    platform_readers.junit(root)
    assert root.find(".//property[@name='points']") is not None
    assert ODD[:8] in "".join(root.itertext())


def test_the_index_leads_to_every_page(written: Path, outcomes: dict[str, Outcome]) -> None:
    page = Page((written / "report.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert len(page.loads) == len(outcomes)
    assert all((written / link).is_file() for link in page.loads)


class Page(HTMLParser):
    """The tags of a page, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for key, value in attrs if key in ("src", "href", "action")]


@pytest.mark.parametrize("name", NAMES)
def test_a_report_needs_nothing_and_executes_nothing(outcomes: dict[str, Outcome], name: str) -> None:
    page = Page(html_report.page(outcomes[name]))
    assert "script" not in page.tags
    assert all(url.startswith("data:image/svg+xml;base64,") for url in page.loads)
    assert bool(page.loads) == (name in ("wrong", "odd"))


def test_a_report_for_students_does_not_say_what_is_hidden(outcomes: dict[str, Outcome]) -> None:
    for_all, for_students = (html_report.page(outcomes["wrong"], hidden=each) for each in (True, False))
    assert SECRETS[0] in for_all
    assert not any(secret in for_students for secret in SECRETS)
    assert "hidden check 9" in for_students


def test_the_replay_opens_before_the_first_call_that_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = graded("bob", WRONG, tmp_path)
    [failed] = [each for each in outcome.results if each.status == "failed"]
    assert "it comes to 0, the engine's own to panic: mappages: remap" in failed.differs
    assert failed.differs in unescape(html_report.page(outcome))
    monkeypatch.chdir(tmp_path)
    *begin, yours, call = html_report._commands(failed).splitlines()
    names: dict[str, Any] = {"mappages": LAB.runner(LAB.folder / WRONG)._submission._python["mappages"]}
    exec("\n".join(begin), names)
    with pytest.raises(hl.KernelPanic, match="remap"):
        exec(call, names)
    exec("\n".join([*begin, yours.replace("...", "'mappages', mappages", 1), call]), names)
    assert not names["kernel"].panicked


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", ".", "..", "a/b", "\0", "x" * 300, "\ud800", "=1", "a b"]
)
def test_a_submission_s_name_is_no_path(name: str) -> None:
    found = file_name(name)
    assert found
    assert Path(found).name == found
    assert not found.startswith(".")
    assert len(found) <= 90
    assert file_name(name + "!") != found
    found.encode("ascii")


def test_ordinary_names_stay() -> None:
    assert file_name("ada_1815.py") == "ada_1815.py"


def test_a_check_without_a_kernel_has_no_pictures() -> None:
    result = LAB.check(walk=lambda k, p, va, a: 0)["mappages counts the mappings"]
    assert result.status == "not written"
    assert pictures_of(result) == ()


def test_where_no_call_differs_the_replay_is_of_the_expectation_that_failed(tmp_path: Path) -> None:
    fails = 'check("walk and no more", points=1, of="walk", audit=False)'
    checks = f"""
from hartlab.labs import check, expect

@{fails}
def fails(kernel):
    kernel.call("walk", kernel.page_table.root, 0, 0)
    expect.that(False, "never", va=4096, pid=1)
"""
    settings = (LAB.folder / "lab.toml").read_text().replace("points = 20", "points = 1")
    given = embedded("one", settings, checks)
    runner = given.runner(walk=lambda k, pagetable, va, alloc: 0)
    report = Report("one", runner.run(given.checks))
    seen, files = evidence_of(report, runner, given, "ada")
    assert (seen["walk and no more"].differs, list(files)) == ("", ["ada-1.hartlab"])
    outcome = Outcome.of(report, given, submission="ada", evidence=seen)
    assert "kernel.process(1).page_table.walk(0x1000)" in html_report._commands(outcome.results[0])


def test_points_of_a_check_are_within_its_bounds() -> None:
    with pytest.raises(ValueError, match="points=-1"):
        CheckOutcome("a", "1", -1, 1, "failed")
