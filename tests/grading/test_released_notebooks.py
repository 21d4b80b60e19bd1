"""Notebooks as `release` makes them are graded by `grade`, whichever platform they were for."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

import hartlab as hl
from compilers import needs_compiler
from hartlab.authoring import LANGUAGES, release
from hartlab.authoring.notebooks import in_cell
from hartlab.grading import grade

LAB = hl.lab("exec-stack")


def handed_in(lab: hl.Lab, folder: Path, platform: str, language: str) -> Path:
    """A notebook whose starter has been replaced by the reference."""
    [path] = [
        each for each in release(lab, folder, platform=platform, language=language) if each.suffix == ".ipynb"
    ]
    read = nbformat.read(path, as_version=4)
    starter = in_cell(lab.starter(language), language)
    [cell] = [each for each in read.cells if starter in each.source]
    cell.source = in_cell(lab.reference(language), language)
    mine = folder / f"{platform}-{language}.ipynb"
    nbformat.write(read, mine)
    return mine


@needs_compiler
def test_a_notebook_of_any_platform_is_graded(tmp_path: Path) -> None:
    """Other platforms have the notebook of one of these."""
    every = [(platform, language) for platform in ("plain", "nbgrader", "otter") for language in LANGUAGES]
    notebooks = [handed_in(LAB, tmp_path / f"{p}-{lang}", p, lang) for p, lang in every]
    grades = grade(LAB.name, notebooks, executor="serial", progress=False)
    assert {each.submission: each.points for each in grades} == {path.stem: 20 for path in notebooks}, grades


@pytest.mark.parametrize("name", [str(name) for name in hl.labs()["name"]])
def test_of_a_tutorial_the_lab_s_functions_alone_are_executed(tmp_path: Path, name: str) -> None:
    notebook = handed_in(hl.lab(name), tmp_path, "plain", "python")
    [outcome] = grade(name, notebook, executor="serial", progress=False)
    assert outcome.passed, outcome


def test_files_of_the_same_name_are_called_by_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / "submitted" / student / "lab" / "lab.py" for student in ("ada", "bob")]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text(LAB.starter(), encoding="utf-8")
    grades = grade("exec-stack", paths, executor="serial", progress=False)
    assert [each.submission for each in grades] == ["ada", "bob"]
    with pytest.raises(ValueError, match=r"two submissions are named 'lab.py'"):
        grade("exec-stack", [paths[0], paths[0]], executor="serial", progress=False)


@needs_compiler
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notebook_as_it_was_given_earns_nothing(tmp_path: Path, language: str) -> None:
    [path] = [each for each in release(LAB, tmp_path, language=language) if each.suffix == ".ipynb"]
    [outcome] = grade("exec-stack", path, executor="serial", progress=False)
    assert (outcome.status, outcome.points) == ("graded", 0)
    assert {"c": "to be written", "python": "yours to write"}[language] in outcome.results[0].message
