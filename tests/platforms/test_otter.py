"""The real Otter grades each lab, in both formats of its test files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler
from hartlab.authoring import release
from hartlab.authoring.notebooks import in_cell
from platforms.support import LABS, completed, python_of, result_of, wrong_of

pytestmark = [pytest.mark.platform, needs_compiler]

# Both formats and both languages, in turn.
KINDS = {
    lab.name: (("otter", "otter-ok")[number % 2], ("python", "c")[number // 2 % 2])
    for number, lab in enumerate(LABS)
}


def solution(lab: hl.Lab, student: str) -> str:
    _, language = KINDS[lab.name]
    if student == "ada":
        return lab.reference(language)
    return wrong_of(lab, ".py" if language == "python" else ".c").path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Any:
    python_of("otter")
    folder = tmp_path_factory.mktemp("otter")
    for lab in LABS:
        platform, language = KINDS[lab.name]
        release(lab, folder / lab.name, platform=platform, language=language)
        (folder / lab.name / "submissions").mkdir()
        for student in ("ada", "bob"):
            notebook = folder / lab.name / "student" / f"{lab.name}.ipynb"
            marker = "c_source" if language == "c" else f"def {lab.functions[0]}"
            text = completed(notebook, in_cell(solution(lab, student), language), marker)
            (folder / lab.name / "submissions" / f"{student}.ipynb").write_text(text, encoding="utf-8")
    return result_of("otter", folder)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_reference_earns_every_point(results: Any, lab: hl.Lab) -> None:
    found = results[lab.name]["ada"]
    assert (found["total"], found["possible"]) == (20, 20), found


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_wrong_solution_fails_its_check_with_its_words(results: Any, lab: hl.Lab) -> None:
    _, language = KINDS[lab.name]
    wrong = wrong_of(lab, ".py" if language == "python" else ".c")
    number = [check.name for check in lab.checks].index(wrong.fails) + 1
    test = results[lab.name]["bob"]["tests"][f"q{number:02}"]
    assert test["score"] == 0
    assert wrong.says in test["text"]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_hidden_checks_are_hidden_tests(results: Any, lab: hl.Lab) -> None:
    tests = results[lab.name]["ada"]["tests"]
    hidden = {f"q{number:02}" for number, check in enumerate(lab.checks, 1) if check.hidden}
    assert {name for name, test in tests.items() if test["hidden"]} == hidden


@pytest.mark.parametrize("platform", ["otter", "otter-ok"])
def test_students_are_given_the_visible_tests_alone(tmp_path: Path, platform: str) -> None:
    lab = LABS[0]
    release(lab, tmp_path, platform=platform)
    visible = [f"q{number:02}.py" for number, check in enumerate(lab.checks, 1) if not check.hidden]
    assert sorted(path.name for path in (tmp_path / "student" / "tests").iterdir()) == visible
    assert len(list((tmp_path / "autograder" / "tests").iterdir())) == len(lab.checks)
