"""What a lecturer does with a lab: begin one, try it, and release it without giving anything away."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import hartlab as hl
from compilers import needs_compiler
from hartlab.authoring import LANGUAGES, PLATFORMS, LeakError, release, start, try_lab
from hartlab.authoring.stripping import visible_checks
from hartlab.cli import main
from hartlab.labs import award, embedded
from hartlab.labs.expect import CheckFailed

LABS = [hl.lab(str(name)) for name in hl.labs()["name"]]
HIDDEN = "kfree panics on what is no page"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A new lab."""
    return start(tmp_path / "my-first_lab")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# -- new ----------------------------------------------------------------------------------------------------


@needs_compiler
def test_a_new_lab_is_right_at_once(mine: Path) -> None:
    trials = list(try_lab(hl.lab(mine)))
    assert [each for each in trials if each.right is not True] == []
    assert len(trials) == 8


def test_a_new_lab_is_called_what_it_should_be(mine: Path, tmp_path: Path) -> None:
    assert hl.lab(mine).title == "my first lab"
    other = start(tmp_path / "other", 'pages "and" \\ frames')
    assert hl.lab(other).title == 'pages "and" \\ frames'
    assert (
        nbformat.read(other / "handout.ipynb", as_version=4)
        .cells[0]
        .source.startswith('# pages "and" \\ frames\n')
    )


def test_a_new_lab_overwrites_nothing(mine: Path) -> None:
    with pytest.raises(FileExistsError, match="needs a folder of its own"):
        start(mine)


# -- check --------------------------------------------------------------------------------------------------


def problems(lab: Path) -> dict[str, str]:
    return {each.what: each.message for each in try_lab(hl.lab(lab)) if each.right is False}


MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "a reference that is wrong": (
        *("reference.py", "k.memset(page, 5, k.PGSIZE)", "pass"),
        *("reference.py earns every point", "not every byte of it is 5"),
    ),
    "a reference that does not load": (
        *("reference.py", "def kalloc(k):", "def kalloc(k:"),
        *("reference.py earns every point", "reference.py cannot be loaded: SyntaxError"),
    ),
    "a check that the engine fails": (
        *("checks.py", "== 5).all()", "== 6).all()"),
        *("the engine's own functions earn every point", "not every byte of it is 5"),
    ),
    "a function without a check": (
        *("lab.toml", '"kalloc", "kfree"]', '"kalloc", "kfree", "kinit"]'),
        *("every function is tried by a check", "no check tries kinit"),
    ),
    "a wrong solution that is right": (
        *(
            "wrong/the_page_is_not_filled.py",
            "return page",
            "    k.memset(page, 5, k.PGSIZE)\n    return page",
        ),
        *("wrong/the_page_is_not_filled.py fails", "it fails none"),
    ),
    "a wrong solution with other words": (
        *("wrong/the_page_is_not_filled.py", "says: not every byte", "says: hardly any byte"),
        *("wrong/the_page_is_not_filled.py fails", "it should say 'hardly any byte of it is 5' and says:"),
    ),
    "a wrong solution of no check": (
        *("wrong/the_page_is_not_filled.py", "fails: kalloc takes", "fails: kalloc gives"),
        *("wrong/the_page_is_not_filled.py fails", "there is no such check"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_lab_is_found(mine: Path, mistake: str) -> None:
    file, old, new, what, message = MISTAKES[mistake]
    change(mine / file, old, new)
    [found] = [text for name, text in problems(mine).items() if name.startswith(what)]
    assert message in found


def test_a_starter_that_passes_is_found(mine: Path) -> None:
    shutil.copy(mine / "reference.py", mine / "starter.py")
    assert problems(mine) == {
        "starter.py can be used, and does not pass": "it passes: there is nothing to do"
    }


# -- release ------------------------------------------------------------------------------------------------


def everything(folder: Path) -> str:
    return "\n".join(
        f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_released_lab_has_the_visible_checks_alone(lab: hl.Lab, tmp_path: Path) -> None:
    release(lab, tmp_path)
    released = hl.lab(tmp_path)
    visible = [check for check in lab.checks if not check.hidden]
    assert [check.name for check in released.checks] == [check.name for check in visible]
    assert released.points == sum(check.points for check in visible) < lab.points
    text = everything(tmp_path)
    assert not any(check.name in text for check in lab.checks if check.hidden)
    assert released.wrong() == []
    report = released.check(lab.folder / "reference.py")
    assert report.passed, report
    assert not released.check(tmp_path / "starter.py").passed


def test_what_only_hidden_checks_use_is_left_out(mine: Path) -> None:
    whole = (mine / "checks.py").read_text(encoding="utf-8")
    helper = "# A number of mine.\nSECRET = 0x8000_0000\n\n\n"
    helper += "def chosen(rng):\n    return rng.choice([SECRET])\n\n\n"
    at = whole.index("# Students are not given this one.")
    (mine / "checks.py").write_text(
        whole[:at] + helper + whole[at:].replace("wrong = rng.choice([", "wrong = chosen(rng) or ([", 1),
        encoding="utf-8",
    )
    text = visible_checks(hl.lab(mine))
    for gone in ("SECRET", "chosen", "A number of mine", "Students are not given", HIDDEN, "0x8000_0000"):
        assert gone not in text
    assert "# Whatever fork has allocated" in text
    assert "from hartlab.labs import check, expect, programs" in text
    assert embedded("x", (mine / "lab.toml").read_text("utf-8").replace("points = 10", "points = 8"), text)


def test_imports_that_are_for_more_than_their_names_stay(mine: Path) -> None:
    change(mine / "checks.py", "from hartlab import PGSIZE", "from hartlab.constants import *")
    change(mine / "checks.py", '"""\n\n', '"""\n\nfrom __future__ import annotations\n\n')
    change(mine / "checks.py", "def takes(kernel, part):", "def takes(kernel: NoSuchName, part):")
    text = visible_checks(hl.lab(mine))
    assert "from __future__ import annotations\n" in text
    assert "from hartlab.constants import *\n" in text
    settings = (mine / "lab.toml").read_text("utf-8").replace("points = 10", "points = 8")
    assert embedded("x", settings, text).points == 8


def test_a_hidden_check_that_cannot_be_left_out_is_refused(mine: Path) -> None:
    made = """
for each in ["later"]:
    globals()[each] = check(each, points=1, of="kfree", visibility="hidden")(lambda kernel: 0)
"""
    with (mine / "checks.py").open("a", encoding="utf-8") as file:
        file.write(made)
    change(mine / "lab.toml", "points = 10", "points = 11")
    with pytest.raises(ValueError, match="the hidden check <lambda> is no function at the top level"):
        visible_checks(hl.lab(mine))


@needs_compiler
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_of_a_release_runs(mine: Path, tmp_path: Path, language: str) -> None:
    lab = hl.lab(mine)
    release(lab, tmp_path / "out", language=language)
    read = nbformat.read(tmp_path / "out" / f"{lab.name}.ipynb", as_version=4)
    nbformat.validate(read)
    NotebookClient(read, timeout=60, resources={"metadata": {"path": str(tmp_path / "out")}}).execute()
    [output] = read.cells[-1].outputs
    assert "my first lab: 0 of 8 points" in output["data"]["text/plain"]


def test_a_handout_is_the_notebook(mine: Path, tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# Pages"),
        nbformat.v4.new_code_cell("to be replaced", metadata={"tags": ["starter"]}),
        nbformat.v4.new_markdown_cell("Now try it."),
        nbformat.v4.new_code_cell("to be replaced", metadata={"tags": ["checks"]}),
        nbformat.v4.new_markdown_cell("The answer is 42.", metadata={"tags": ["solution"]}),
        nbformat.v4.new_markdown_cell("The end."),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), mine / "handout.ipynb")
    release(hl.lab(mine), tmp_path / "out")
    read = nbformat.read(tmp_path / "out" / "my-first_lab.ipynb", as_version=4)
    texts = [cell.source for cell in read.cells]
    assert [texts[0], texts[3], texts[5]] == ["# Pages", "Now try it.", "The end."]
    assert "def kalloc(k):" in texts[2]
    assert texts[4] == "lab.check(kalloc=kalloc, kfree=kfree)"


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_handout_of_a_shipped_lab_is_its_tutorial(lab: hl.Lab, tmp_path: Path) -> None:
    assert lab.handout is not None
    tutorial = nbformat.read(lab.handout, as_version=4)
    assert f'hl.lab("{lab.name}")' in "".join(cell.source for cell in tutorial.cells)
    release(lab, tmp_path)
    released = nbformat.read(tmp_path / f"{lab.name}.ipynb", as_version=4)
    code = [cell.source for cell in released.cells if cell.cell_type == "code"]
    assert code[-3:] == [
        'import hartlab as hl\n\nlab = hl.lab(".")',
        lab.starter().rstrip("\n"),
        f"lab.check({', '.join(f'{name}={name}' for name in lab.functions)})",
    ]
    assert len(released.cells) == len(tutorial.cells) - 2
    text = "".join(cell.source for cell in released.cells)
    assert ".ipynb)" not in text
    assert "../" not in text


def test_a_tutorial_runs_as_it_is_released(tmp_path: Path) -> None:
    lab = hl.lab("exec-stack")
    release(lab, tmp_path)
    read = nbformat.read(tmp_path / f"{lab.name}.ipynb", as_version=4)
    NotebookClient(read, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    [output] = [cell for cell in read.cells if cell.cell_type == "code"][-1].outputs
    assert "exec's stack: 0 of" in output["data"]["text/plain"]


def test_a_handout_elsewhere_is_named_in_the_settings(mine: Path, tmp_path: Path) -> None:
    (mine / "handout.ipynb").rename(tmp_path / "lecture.ipynb")
    change(mine / "lab.toml", "order = 1", 'order = 1\nhandout = "../lecture.ipynb"')
    lab = hl.lab(mine)
    assert lab.handout == tmp_path / "lecture.ipynb"
    release(lab, tmp_path / "out")
    assert "handout" not in (tmp_path / "out" / "lab.toml").read_text()
    (tmp_path / "lecture.ipynb").unlink()
    with pytest.raises(ValueError, match=r"handout='../lecture.ipynb' in lab.toml of .* is no file"):
        _ = lab.handout


LEAKS = {
    "a hidden check's name": f"print({HIDDEN!r})",
    "a line of the reference": "    if page % k.PGSIZE or not k.end <= page < k.phystop:",
    "a line of a hidden check": 'expect.panic("kfree", lambda: kernel.call("kfree", wrong), pa=wrong)',
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("leak", LEAKS)
def test_a_handout_that_gives_something_away_is_not_released(
    mine: Path, tmp_path: Path, leak: str, platform: str
) -> None:
    cells = [nbformat.v4.new_code_cell(f"x = 1\n{LEAKS[leak]}")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), mine / "handout.ipynb")
    with pytest.raises(LeakError, match=r"is not written: .*my-first_lab.ipynb has (the name|a line) of"):
        release(hl.lab(mine), tmp_path / "out", platform=platform)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lab_is_released_for_every_platform(tmp_path: Path, platform: str, language: str) -> None:
    for lab in LABS[::3]:
        written = release(lab, tmp_path / lab.name, platform=platform, language=language)
        assert all(path.stat().st_size for path in written)
        for path in written:
            if path.suffix == ".ipynb":
                nbformat.validate(nbformat.read(path, as_version=4))
            if path.suffix == ".py" and "tests" in path.parts:
                compile(path.read_text(encoding="utf-8"), path.name, "exec")


# -- one check at a time ------------------------------------------------------------------------------------


def names_of(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def test_a_check_is_awarded_in_full_in_part_or_not(mine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lab = hl.lab(mine)
    takes = lab.checks[0].name
    names = names_of(lab.reference())
    assert award(lab, takes, names) is None
    calls = []

    def once(k: Any) -> int:
        calls.append(0)
        return int(names["kalloc"](k)) if len(calls) == 1 else 0

    assert award(lab, takes, names | {"kalloc": once}) == 2
    calls.clear()
    with pytest.raises(CheckFailed, match="two pages: kalloc is 0 and should be"):
        award(lab, takes, names | {"kalloc": once}, partial=False)
    with pytest.raises(CheckFailed, match="kalloc is yours to write"):
        award(lab, takes, names_of(lab.starter()))
    with pytest.raises(CheckFailed, match="not written: kalloc was not handed in"):
        award(lab, takes, {"kfree": names["kfree"]})
    assert capfd.readouterr() == ("", "")


@needs_compiler
def test_c_is_a_text_with_a_name(mine: Path) -> None:
    lab = hl.lab(mine)
    assert award(lab, lab.checks[0].name, {"c_source": lab.reference("c")}) is None


# -- the command line ---------------------------------------------------------------------------------------


@needs_compiler
def test_the_command_line_goes_from_nothing_to_a_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = str(tmp_path / "mine"), str(tmp_path / "out")
    assert main(["lab", "new", folder, "--title", "the allocator"]) == 0
    assert main(["lab", "check", folder]) == 0
    assert "mine: the allocator, 10 points" in capsys.readouterr().out
    assert main(["lab", "release", folder, "--out", out, "--language", "c"]) == 0
    assert f"{out}/mine.ipynb" in capsys.readouterr().out.splitlines()
    assert main(["lab", "list", folder]) == 0
    assert "5 checks, 1 hidden" in capsys.readouterr().out
    change(tmp_path / "mine" / "reference.py", "+= 1", "+= 2")
    assert main(["lab", "check", folder]) == 1
    assert "WRONG      reference.py earns every point" in capsys.readouterr().out


def test_the_shipped_labs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [lab.name for lab in LABS]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere"], "name='nowhere' is none of walk-and-mappages"),
        (["release", "nowhere", "--out", "x"], "name='nowhere' is none of"),
        (["new", "/dev/null/x"], "Not a directory"),
    ],
)
def test_a_mistake_is_a_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("hartlab: ")
    assert words in told
