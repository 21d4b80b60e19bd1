"""The labs that come with hartlab: right solutions pass, wrong ones fail where they should and hear why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler
from hartlab.labs import lab
from hartlab.labs.lab import Wrong

NAMES = [str(name) for name in hl.labs()["name"]]
WRONG = [(name, wrong) for name in NAMES for wrong in lab(name).wrong()]
LANGUAGES = [pytest.param("python"), pytest.param("c", marks=needs_compiler)]


def of_file(name: str, wrong: Wrong) -> Any:
    marks = [needs_compiler] if wrong.path.suffix == ".c" else []
    return pytest.param(name, wrong, marks=marks, id=f"{name}: {wrong.path.name}")


def path(name: str, kind: str, language: str) -> Path:
    return lab(name).folder / f"{kind}.{'py' if language == 'python' else 'c'}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_every_point(name: str, language: str) -> None:
    for seed in (0, 1):
        report = lab(name).check(path(name, "reference", language), seed=seed)
        assert report.passed, report
        assert report.points == lab(name).points


@pytest.mark.parametrize(("name", "wrong"), [of_file(*each) for each in WRONG])
def test_a_wrong_solution_fails_its_check_and_no_other(name: str, wrong: Wrong) -> None:
    report = lab(name).check(wrong.path)
    assert [each.name for each in report.failed] == [wrong.fails], report
    assert wrong.says in report.failed[0].message, report
    assert report.failed[0].points < report.failed[0].max_points
    assert report._repr_html_()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_starter_loads_and_says_what_is_to_be_written(name: str, language: str) -> None:
    report = lab(name).check(path(name, "starter", language))
    assert not report.passed
    assert lab(name).starter(language) == path(name, "starter", language).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_s_own_functions_pass(name: str) -> None:
    """So that what the checks ask for is what the engine does."""
    functions = {each: native(each) for each in lab(name).functions}
    report = lab(name).check(**functions)
    assert report.passed, report


def native(function: str) -> Any:
    def call(k: Any, *args: int) -> Any:
        return getattr(k._engine, f"native_{function}")(*args)  # past what a lab lets a solution see

    return call


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_is_complete(name: str) -> None:
    each = lab(name)
    assert len(each.wrong()) >= 5
    assert {wrong.path.suffix for wrong in each.wrong()} == {".py", ".c"}
    assert {function for check in each.checks for function in check.of} == set(each.functions)
    assert {check.visibility for check in each.checks} == {"visible", "hidden"}
    assert {function for check in each.checks if not check.hidden for function in check.of} == set(
        each.functions
    )
    assert each.task
    assert each.title in repr(hl.labs())
    assert all(check.name in repr(each) for check in each.checks)
    assert each.functions[0] in each._repr_html_()
