"""The scripts of a release for Gradescope, PrairieLearn and GitHub Classroom, executed as these would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler
from grading import platform_readers
from hartlab.authoring import release
from hartlab.authoring.notebooks import in_cell
from hartlab.grading.jail.levels import attacked
from platforms.support import ENVIRONMENTS, completed

LAB = hl.lab("exec-stack")
WRONG = next(each for each in LAB.wrong() if each.path.suffix == ".c")
HIDDEN = [each.name for each in LAB.checks if each.hidden]

pytestmark = [
    pytest.mark.platform,
    needs_compiler,
    pytest.mark.skipif(not ENVIRONMENTS, reason="recipes are tried by `make platforms` alone"),
    pytest.mark.skipif(
        not attacked("namespaces"), reason="needs bubblewrap, to give scripts a root of theirs"
    ),
]


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Programs in the place of others: what installs is written down, and hartlab is this one."""
    tools = tmp_path / "tools"
    hartlab = f"PYTHONPATH={Path(hl._engine.__file__).parent.parent} exec {sys.executable} -P -m hartlab"
    record = f'echo "$(basename "$0") $*" >> {tmp_path / "asked"}'
    program(tools / "hartlab", f'{hartlab} "$@"')
    program(tools / "apt-get", record)
    program(tools / "pip", record)
    program(
        tools / "python3",
        f'if [ "$1 $2" != "-m venv" ]; then exec {sys.executable} "$@"; fi\n'
        f'{record}\nmkdir -p "$3/bin" && cp {tools}/pip {tools}/hartlab "$3/bin"',
    )
    return tools


def executed(
    script: str | Path, tools: Path, places: Mapping[str, Path], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Execute a script with folders of ours at the top of its file system, and all others as they are."""
    command = ["bwrap", "--die-with-parent", "--chdir", "/"]
    for each in sorted(Path("/").iterdir()):
        if each.is_symlink():
            command += ["--symlink", os.readlink(each), str(each)]
        elif f"/{each.name}" not in places:
            command += ["--dev-bind", str(each), str(each)]
    for name, folder in places.items():
        command += ["--bind", str(folder), name]
    given = {
        "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tools.parent),
        "HARTLAB_CACHE": str(tools.parent / "cache"),
        **(environment or {}),
    }
    return subprocess.run(
        [*command, *([script] if isinstance(script, Path) else ["bash", "-e", "-c", script])],
        env=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def on_gradescope(tmp_path: Path, tools: Path, solution: str) -> tuple[Any, Path]:
    """The places that its documentation names: what came of the script, and where results are."""
    release(LAB, tmp_path / "out", platform="gradescope")
    root = tmp_path / "autograder"
    shutil.copytree(tmp_path / "out" / "autograder", root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    setup = executed(Path("/autograder/source/setup.sh"), tools, {"/autograder": root})
    assert setup.returncode == 0, setup.stderr
    (root / "submission").mkdir()
    (root / "submission" / "mine.c").write_text(solution)
    metadata = {"id": 1, "users": [{"email": "a@example.com", "id": 12, "name": "A"}, {"id": 7}]}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    return executed(Path("/autograder/run_autograder"), tools, {"/autograder": root}), root / "results"


def test_gradescope(tmp_path: Path, tools: Path) -> None:
    ran, results = on_gradescope(tmp_path, tools, LAB.reference("c"))
    assert ran.returncode == 0, ran.stderr
    found = json.loads((results / "results.json").read_text())
    assert (found["score"], len(found["tests"])) == (20, len(LAB.checks))
    assert found["extra_data"]["seed"] == "spring 7 12/submission"
    asked = (tmp_path / "asked").read_text()
    assert "apt-get install -y --no-install-recommends python3-venv bubblewrap" in asked
    assert "pip install hartlab[grade,report]" in asked


def test_where_the_grader_fails_gradescope_has_no_score(tmp_path: Path, tools: Path) -> None:
    program(tools / "hartlab", "exit 1  # as hartlab grade does without a verdict")
    ran, results = on_gradescope(tmp_path, tools, LAB.reference("c"))
    assert ran.returncode == 1
    assert not (results / "results.json").exists()


@pytest.mark.parametrize(
    ("solution", "points"), [(LAB.reference("c"), 20), (WRONG.path.read_text("utf-8"), None), ("int x(", 0)]
)
def test_prairielearn(tmp_path: Path, tools: Path, solution: str, points: int | None) -> None:
    release(LAB, tmp_path / "out", platform="prairielearn", language="c")
    question = tmp_path / "out" / "question"
    options = json.loads((question / "info.json").read_text())["externalGradingOptions"]
    assert 0 < options["timeout"] <= 600
    grade = tmp_path / "grade"
    shutil.copytree(question / "tests", grade / "tests")
    (grade / "student").mkdir()
    (grade / "student" / "solution.c").write_text(solution)
    assert 'file-names="solution.c"' in (question / "question.html").read_text()
    ran = executed(Path(options["entrypoint"]), tools, {"/grade": grade})
    assert ran.returncode == 0, ran.stderr
    read = platform_readers.prairielearn((grade / "results" / "results.json").read_text())
    assert read.failed == (points == 0)
    assert not read.failed or "error: " in read.told[0]
    assert read.failed or read.points == (LAB.check(WRONG.path).points if points is None else points)
    assert not any(name in each for name in HIDDEN for each in read.told)


@pytest.mark.parametrize("hands_in", ["a notebook", "a file"])
def test_github_classroom(tmp_path: Path, tools: Path, hands_in: str) -> None:
    yaml = pytest.importorskip("yaml")
    repository = tmp_path / "repository"
    release(LAB, repository, platform="github-classroom")
    if hands_in == "a file":
        (repository / "solution.c").write_text(LAB.reference("c"))
    else:
        path = repository / f"{LAB.name}.ipynb"
        path.write_text(completed(path, in_cell(LAB.reference(), "python"), f"def {LAB.functions[0]}"))
    workflow = yaml.safe_load((repository / ".github" / "workflows" / "classroom.yml").read_text())
    # The reporter looks for the check run of this name, which is the job's.
    [(name, job)] = workflow["jobs"].items()
    assert (name, "name" in job) == ("run-autograding-tests", False)
    output = tmp_path / "output"
    *steps, reporter = job["steps"]
    for step in steps:
        if "run" in step:
            ran = executed(f"cd {repository}\n{step['run']}", tools, {}, {"GITHUB_OUTPUT": str(output)})
            assert ran.returncode == 0, ran.stderr
    [variable] = reporter["env"]
    assert reporter["env"][variable] == "${{ steps.lab.outputs.result }}"
    result = output.read_text().removeprefix("result=").rstrip("\n")
    read = platform_readers.github_classroom(reporter["with"]["runners"], {variable: result})
    visible = sum(each.points for each in LAB.checks if not each.hidden)
    assert (read.points, read.most, read.failed) == (visible, visible, False)
