"""The real nbgrader makes a release of each lab and grades it, as a lecturer would have it do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

import hartlab as hl
from compilers import needs_compiler
from hartlab.authoring import release
from hartlab.authoring.notebooks import in_cell
from hartlab.labs import award
from hartlab.labs.expect import CheckFailed
from platforms.support import LABS, completed, python_of, result_of, run, wrong_of

pytestmark = [pytest.mark.platform, needs_compiler]

# Half of the labs in C: `award` is the same for both.
LANGUAGE = {lab.name: ("python", "c")[number % 2] for number, lab in enumerate(LABS)}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    python_of("nbgrader")
    folder = tmp_path_factory.mktemp("course")
    for lab in LABS:
        release(lab, folder, platform="nbgrader", language=LANGUAGE[lab.name])
    run("nbgrader", folder, "generate")
    return folder


def solutions(lab: hl.Lab) -> dict[str, str]:
    language = LANGUAGE[lab.name]
    wrong = wrong_of(lab, ".py" if language == "python" else ".c").path
    return {"ada": lab.reference(language), "bob": wrong.read_text(encoding="utf-8")}


@pytest.fixture(scope="module")
def grades(course: Path) -> Any:
    for lab in LABS:
        for student, source in solutions(lab).items():
            folder = course / "submitted" / student / lab.name
            folder.mkdir(parents=True)
            text = completed(
                course / "release" / lab.name / f"{lab.name}.ipynb",
                in_cell(source, LANGUAGE[lab.name]),
                "Functions of your own may follow here",
            )
            (folder / f"{lab.name}.ipynb").write_text(text, encoding="utf-8")
    return result_of("nbgrader", course, "grade")


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_release_has_no_solution_and_no_hidden_check(course: Path, lab: hl.Lab) -> None:
    folder = course / "release" / lab.name
    text = "\n".join(each.read_text(encoding="utf-8") for each in folder.rglob("*") if each.is_file())
    assert not any(check.name in text for check in lab.checks if check.hidden)
    assert "BEGIN" not in text
    cells = nbformat.read(folder / f"{lab.name}.ipynb", as_version=4).cells
    graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert sum(cell.metadata.nbgrader.points for cell in graded) == 20
    assert all(cell.metadata.nbgrader.locked for cell in graded)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_reference_earns_every_point(grades: Any, lab: hl.Lab) -> None:
    found = grades[lab.name]["ada"]
    assert (found["score"], found["max_score"], found["by_hand"]) == (20.0, 20.0, False), found


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_wrong_solution_earns_what_hartlab_gives_it(grades: Any, lab: hl.Lab) -> None:
    language = LANGUAGE[lab.name]
    names: dict[str, Any] = {}
    for source in (lab.starter(language), solutions(lab)["bob"]):
        exec(in_cell(source, language), names)
    wanted = {}
    for number, check in enumerate(lab.checks, 1):
        try:
            earned = award(lab, check.name, names)
            wanted[f"check-{number:02}"] = float(check.points if earned is None else earned)
        except CheckFailed:
            wanted[f"check-{number:02}"] = 0.0
    found = grades[lab.name]["bob"]
    assert {name: found["cells"][name] for name in wanted} == wanted
    assert 0.0 in wanted.values()
