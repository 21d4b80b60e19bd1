"""`hartlab.grading.grade`: the verdicts are those of `Lab.check`, and come to the same whoever makes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hartlab as hl
from compilers import needs_compiler
from grading.support import one
from hartlab.cli import main
from hartlab.grading import Grades, IsolationError, Outcome, grade, isolating
from hartlab.grading.intake import read
from hartlab.grading.jail.levels import Isolation
from hartlab.grading.referee import Referee
from hartlab.labs import lab
from hartlab.labs.lab import Wrong

pytest.importorskip("landlockpy", reason="needs the extra grade, and Linux")
NAMES = [str(name) for name in hl.labs()["name"]]
COW = lab("copy-on-write")
WRONG = [(name, wrong) for name in NAMES for wrong in lab(name).wrong() if wrong.path.suffix == ".py"]


@pytest.mark.parametrize("language", ["py", pytest.param("c", marks=needs_compiler)])
@pytest.mark.parametrize("name", NAMES)
def test_a_reference_earns_every_point(name: str, language: str) -> None:
    outcome = one(name, lab(name).folder / f"reference.{language}")
    assert outcome.passed, outcome
    assert outcome.seed == "0/reference"


def brief(outcome: Outcome) -> list[tuple[str, str, int]]:
    return [(each.name, each.status, each.points) for each in outcome.results]


@pytest.mark.parametrize(
    ("name", "wrong"), WRONG, ids=[f"{name}: {wrong.path.name}" for name, wrong in WRONG]
)
def test_a_player_s_verdict_is_that_of_the_same_process(name: str, wrong: Wrong) -> None:
    outcome = one(name, wrong.path)
    report = lab(name).check(wrong.path, seed=f"0/{wrong.path.stem}")
    assert brief(outcome) == [(each.name, each.status, each.points) for each in report]
    [failed] = [each for each in outcome.results if each.status == "failed"]
    assert (failed.name, wrong.says in failed.message) == (wrong.fails, True)


@pytest.mark.parametrize("name", ["copy-on-write", "exec-stack"])
def test_lines_count_as_in_the_same_process(name: str) -> None:
    given = lab(name)
    handed = read(given.folder / "reference.py", given.functions)
    used = []
    with Referee(handed.python, "limits", given.functions, 10_000) as referee:
        far = referee.functions()
        for runner in (given.runner(**far), given.runner(given.folder / "reference.py")):
            results: dict[str, hl.labs.Result] = {}  # type: ignore[name-defined]
            counts = []
            for check in given.checks:
                results[check.name] = runner.result(check, results)
                counts.append(runner._meter.used)
            used.append(counts)
    assert used[0] == used[1]
    assert max(used[0]) > 100


RAISES = """
LIMIT = 3


def walk(k, pagetable, va, alloc):
    if va < LIMIT:
        return {}[va]
    return 0


def mappages(k, pagetable, va, size, pa, perm):
    k.panic("I do not know")
"""


def test_what_a_function_raises_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "eve.py").write_text(RAISES)
    messages = [each.message for each in one("walk-and-mappages", tmp_path / "eve.py").results]
    assert "eve.py:7: return {}[va]" in messages[0]
    assert "walk, which is replaced: KeyError: " in messages[0]
    [panic] = [each for each in messages if "I do not know" in each and "mappages maps" not in each][:1]
    assert 'eve.py:12: k.panic("I do not know")' in panic


def test_a_result_that_c_could_not_have_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "eve.py").write_text("def walk(k, pagetable, va, alloc):\n    return '20 of 20'\n")
    message = one("walk-and-mappages", tmp_path / "eve.py").results[0].message
    assert "returned '20 of 20'" in message
    assert "eve.py:2: return '20 of 20'" in message


NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "metadata": {}, "source": "import hartlab as hl\nfrom hartlab import PGSIZE"},
        {
            "cell_type": "code",
            "metadata": {},
            "source": "def walk(k, pagetable, va, alloc):\n    return hl.Kernel",
        },
    ]
}


def test_a_cell_is_named_and_hartlab_has_only_constants_there(tmp_path: Path) -> None:
    (tmp_path / "eve.ipynb").write_text(json.dumps(NOTEBOOK))
    message = one("walk-and-mappages", tmp_path / "eve.ipynb").results[0].message
    assert "hartlab has no 'Kernel' while a submission is graded" in message
    assert "eve.ipynb, cell 2, line 2: return hl.Kernel" in message


@needs_compiler
def test_c_in_a_folder_is_one_unit_with_its_headers(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    text = (COW.folder / "reference.c").read_text("utf-8")
    head, _, rest = text.partition("int cowfault(")
    (folder / "mine.h").write_text("#define MINE 1\n")
    (folder / "cow.c").write_text(head.replace("static int ", "int ").replace("static ", ""))
    declared = (
        "int references(uint64 pa, int change);\nint is_counted(uint64 va, uint64 pa);\n"
        "pte_t *present(pagetable_t pagetable, uint64 va);\n"
    )
    (folder / "rest.c").write_text(f'#include "mine.h"\n#if MINE\n{declared}int cowfault({rest}\n#endif\n')
    outcome = one("copy-on-write", folder)
    assert outcome.passed, outcome


@needs_compiler
def test_cells_of_c_are_graded_and_named(tmp_path: Path) -> None:
    lines = COW.reference("c").splitlines(keepends=True)
    wrong = "%%kernel_c\nint cowfault(pagetable_t pagetable, uint64 va) {\n    return *(int *)0x5000;\n}\n"
    cells = [
        {"cell_type": "code", "metadata": {}, "source": each} for each in (["%%kernel_c\n", *lines], wrong)
    ]
    (tmp_path / "right.ipynb").write_text(json.dumps({"cells": cells[:1]}))
    (tmp_path / "wrong.ipynb").write_text(json.dumps({"cells": cells}))
    grades = grade(COW.name, [tmp_path / "right.ipynb", tmp_path / "wrong.ipynb"], executor="serial")
    assert grades["right"].passed, grades["right"]
    said = "".join(each.message for each in grades["wrong"].results)
    assert "in cowfault, wrong.ipynb.cell-2.c:3: return *(int *)0x5000;" in said


REFUSED = {
    "eve.c": ("int uvmcopy(", "eve.c:1:13: error: "),
    "none.c": ("int helper(void) { return 0; }", "defines none of the kernel's functions"),
    "eve.py": ("def walk(:", "eve.py cannot be loaded: SyntaxError"),
    "none.py": ("def helper(): pass", "none of the lab's functions is in it"),
    "dies.py": (
        "x = 1\nx / 0",
        "dies.py cannot be loaded: ZeroDivisionError: division by zero\n  dies.py:2: x / 0",
    ),
    "eve.txt": ("", "eve.txt is none of .c, .py, .ipynb, .zip"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_earns_nothing_and_is_told_why(name: str, tmp_path: Path) -> None:
    text, says = REFUSED[name]
    if name.endswith(".c"):
        pytest.importorskip("ziglang")
    (tmp_path / name).write_text(text)
    outcome = one("walk-and-mappages", tmp_path / name)
    assert (outcome.status, outcome.points, outcome.max_points) == ("refused", 0, 20)
    assert says in outcome.message


def submissions(folder: Path) -> list[Path]:
    """Three in Python, of which one is right, one wrong and one no Python."""
    texts = {
        "ada.py": COW.reference(),
        "bob.py": (COW.folder / "wrong" / "the_parent_may_still_write.py").read_text("utf-8"),
        "eve.py": "def (",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def test_the_same_call_goes_on_where_it_was(tmp_path: Path) -> None:
    handed, out = submissions(tmp_path), tmp_path / "out"
    first = grade(COW.name, handed[:2], out=out, executor="serial")
    kept = (out / "outcomes" / "ada.json").stat().st_mtime_ns
    handed[1].write_text(COW.reference())
    second = grade(COW.name, handed, out=out, executor="serial")
    assert [each.points for each in first] == [20, first["bob"].points]
    assert [each.points for each in second] == [20, 20, 0]
    assert (out / "outcomes" / "ada.json").stat().st_mtime_ns == kept
    assert Outcome.from_json((out / "outcomes" / "bob.json").read_text("utf-8")) == second["bob"]
    # Another seed is another run.
    grade(COW.name, handed[:1], out=out, executor="serial", seed="spring")
    assert Outcome.from_json((out / "outcomes" / "ada.json").read_text("utf-8")).seed == "spring/ada"


def test_pictures_and_the_kernel_are_kept_of_what_went_wrong(tmp_path: Path) -> None:
    handed, out = submissions(tmp_path), tmp_path / "out"
    bob = grade(COW.name, handed[1:2], out=out, executor="serial", pictures=True)["bob"]
    [failed] = [each for each in bob.results if each.status == "failed"]
    assert all(picture.startswith("<svg") or "<svg" in picture for picture in failed.pictures)
    assert failed.pictures
    kernel = hl.load(out / "report" / failed.replay)
    assert kernel.process(int(failed.look["pid"])).page_table.walk(int(failed.look["va"])).pa
    assert failed.replay in (out / "report" / "bob.html").read_text("utf-8")
    assert (out / "gradescope" / "bob.json").exists()
    assert (out / "scores.csv").read_text("utf-8").count("bob") == 1


def test_grades_read_as_a_table(tmp_path: Path) -> None:
    grades: Grades = grade(COW.name, submissions(tmp_path), executor="serial")
    table = grades.table
    assert table["submission"].tolist() == ["ada", "bob", "eve"]
    assert table["status"].tolist() == ["graded", "graded", "refused"]
    assert "the parent can write to a shared page" in table["message"][1]
    assert "eve.py cannot be loaded" in repr(grades)
    assert "ada" in grades._repr_html_()
    with pytest.raises(KeyError, match="none of the 3"):
        grades["mallory"]


def test_bad_arguments_are_named(tmp_path: Path) -> None:
    handed = submissions(tmp_path)
    (tmp_path / "more").mkdir()
    twin = tmp_path / "more" / "ada.py"
    twin.write_text("")
    for given, error, says in (
        ([], ValueError, "no submissions"),
        ([tmp_path / "nobody.py"], FileNotFoundError, "nobody.py"),
        ([handed[0], twin], ValueError, "two submissions are named 'ada.py'"),
    ):
        with pytest.raises(error, match=says):
            grade(COW.name, given, executor="serial")
    with pytest.raises(TypeError, match="submissions=3 must be a path, or paths"):
        grade(COW.name, 3, executor="serial")  # type: ignore[arg-type]
    for executor, kind, says in (
        (0, ValueError, "executor=0 .* at least 1"),
        ("two", TypeError, "'two' must be"),
    ):
        with pytest.raises(kind, match=says):
            grade(COW.name, handed, executor=executor)
    with pytest.raises(ValueError, match="'namespaces'"):
        grade(COW.name, handed, require_isolation="perfect")


def test_too_little_isolation_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolating.isolation_of.cache_clear()
    monkeypatch.setattr(isolating, "isolation", lambda at_most: Isolation("limits", {"read a secret": True}))
    with pytest.raises(IsolationError, match="reaches 'limits' here, and 'landlock' is required"):
        grade(COW.name, submissions(tmp_path), require_isolation="landlock")
    isolating.isolation_of.cache_clear()


def test_the_command_prints_isolation_and_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handed = list(map(str, submissions(tmp_path)))
    command = ["grade", COW.name, *handed, "--out", str(tmp_path / "out"), "--jobs", "1"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.err.startswith("isolation: ")
    assert "  20 of 20  graded    ada\n" in said.out
    assert "   0 of 20  refused   eve  eve.py cannot be loaded" in said.out
    assert main([*command[:2], "nobody.c", *command[-4:]]) == 2
    assert "no file or folder 'nobody.c'" in capsys.readouterr().err
