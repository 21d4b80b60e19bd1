"""What a lecturer declares: partial credit, budgets, agreement with the kernel's own, who may see a check."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler
from hartlab.labs import check, expect
from hartlab.labs.expect import CheckFailed
from hartlab.labs.metering import LineMeter, OutOfLinesError
from hartlab.structs import layouts

TOML = """
title = "kalloc"
task = "Write kalloc."
functions = ["kalloc"]
points = {points}
order = 99

[kernel]
memory = "2MiB"
"""

PARTS = """
from hartlab.labs import check, expect


@check("pages", points={{"the first": 1, "the second": 2, "the third": 4}}, of="kalloc")
def pages(kernel, part):
    for name in ("the first", "the second", "the third"):
        with part(name):
            free = kernel.free_pages
            page = kernel.call("kalloc")
            {between}
            if page:
                kernel.call("kfree", page)
            expect.that(page != 0, "there is no page", pa=page)
"""

BUDGET = """
from hartlab.labs import check


@check("one page", points=1, of="kalloc", {budget})
def one(kernel{fixture}):
    {block}
        kernel.call("kfree", kernel.call("kalloc"))
"""


def folder(path: Path, checks: str, points: int = 1) -> hl.Lab:
    (path / "lab.toml").write_text(TOML.format(points=points), encoding="utf-8")
    (path / "checks.py").write_text(checks, encoding="utf-8")
    return hl.lab(path)


def allocates(k: Any) -> int:
    page = int(k.data.kmem.freelist)
    k.data.kmem.freelist = k.load64(page)
    k.data.kmem.free_pages -= 1
    return page


def allocates_except(*refused: int) -> Any:
    calls = 0

    def kalloc(k: Any) -> int:
        nonlocal calls
        calls += 1
        if calls in refused:
            return 0
        if -calls in refused:
            raise ValueError("of my own")
        return allocates(k)

    return kalloc


# -- partial credit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "points", "message"),
    [
        ((), 7, ""),
        ((2,), 5, "the second: there is no page"),
        ((1, 3), 2, "the first: there is no page\nthe third: there is no page"),
    ],
)
def test_each_part_earns_its_points(tmp_path: Path, refused: Any, points: int, message: str) -> None:
    report = folder(tmp_path, PARTS.format(between="pass"), 7).check(kalloc=allocates_except(*refused))
    [result] = report
    assert (result.points, result.max_points, result.message) == (points, 7, message)
    assert result.passed == (points == 7)
    assert report.points == points


def test_what_was_earned_before_a_mistake_is_kept(tmp_path: Path) -> None:
    [result] = folder(tmp_path, PARTS.format(between="pass"), 7).check(kalloc=allocates_except(1, -3))
    assert result.points == 2
    assert result.message.startswith("the first: there is no page\n")
    assert "of my own" in result.message


def test_a_kernel_that_is_not_sound_earns_nothing_in_the_end(tmp_path: Path) -> None:
    lab = folder(tmp_path, PARTS.format(between="page = kernel.call('kalloc') and page"), 7)
    [result] = lab.check(kalloc=allocates)
    assert (result.points, result.status) == (0, "failed")
    assert "the audit finds lost_frame" in result.message


@pytest.mark.parametrize(
    ("points", "body", "words"),
    [
        ({"a": 1}, "with part('b'):\n        pass", "has no part 'b': its parts are 'a'"),
        ({"a": 1}, "[part('a'), part('a')]", "comes to its part 'a' twice"),
        ({"a": 1, "b": 2}, "with part('a'):\n        pass", "never comes to its part 'b'"),
    ],
)
def test_a_check_that_is_wrong_about_its_parts_says_so(
    tmp_path: Path, points: dict[str, int], body: str, words: str
) -> None:
    head = "from hartlab.labs import check\n"
    declared = f"@check('x', points={points!r}, of='kalloc')\ndef x(part):\n    {body}\n"
    [result] = folder(tmp_path, head + declared, sum(points.values())).check(kalloc=allocates)
    assert words in result.message


def test_parts_are_asked_for_and_declared() -> None:
    with pytest.raises(TypeError, match="has parts, and no parameter part"):
        check("x", points={"a": 1}, of="kalloc")(lambda kernel: None)
    with pytest.raises(TypeError, match="asks for part, and its points are one number"):
        check("x", points=1, of="kalloc")(lambda part: None)
    with pytest.raises(ValueError, match="visibility='secret' is none of 'visible'"):
        check("x", points=1, of="kalloc", visibility="secret")(lambda kernel: None)


# -- budgets ------------------------------------------------------------------------------------------------


def budgeted(path: Path, budget: str, inside: bool) -> hl.Lab:
    """A lab with a budget, declared for its check or for a block of it."""
    block = f"with budget('kalloc', {budget}):" if inside else "if True:"
    return folder(
        path,
        BUDGET.format(budget="" if inside else budget, fixture=", budget" if inside else "", block=block),
    )


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ("lines=4", ""),
        ("lines=3", "{what} takes 4 lines of Python, and 3 should be enough"),
        ("frames=1", ""),
        ("frames=0", "{what} takes 1 allocation, and 0 should be enough"),
        ("instructions=0", ""),
    ],
)
def test_a_budget_is_a_count(tmp_path: Path, inside: bool, budget: str, message: str) -> None:
    layouts.cache_clear()  # what is done once in a process is no line of whoever comes first
    [result] = budgeted(tmp_path, budget, inside).check(kalloc=allocates)
    assert result.message == message.format(what="kalloc" if inside else "the check")


@needs_compiler
def test_instructions_of_c_are_counted(tmp_path: Path) -> None:
    source = (
        "void *kalloc(void) {\n  for (volatile int i = 0; i < 1000; i++);\n  return native_kalloc();\n}\n"
    )
    source = source.replace("native_kalloc()", "take()").replace(
        "void *kalloc",
        "static void *take(void) { struct run *r = kmem.freelist; kmem.freelist = r->next;"
        " kmem.free_pages--; return r; }\nvoid *kalloc",
        1,
    )
    lab = budgeted(tmp_path, "instructions=500", True)
    [result] = lab.check(source)
    assert "instructions of C, and 500 should be enough" in result.message
    [result] = lab.check(source.replace("1000", "10"))
    assert result.passed, result


def test_failures_cannot_be_injected_where_frames_are_counted(tmp_path: Path) -> None:
    checks = BUDGET.format(budget="frames=9", fixture="", block="if True:")
    lab = folder(tmp_path, checks + "        kernel.inject(fail_kalloc=0)\n")
    assert "inject has been used in a block with a budget of frames" in lab.check(kalloc=allocates)[0].message


# -- agreement ----------------------------------------------------------------------------------------------


def grown(kernel: hl.Kernel, byte: bytes = b"x", pages: int = 2) -> int:
    process = kernel.process(1)
    heap = process.sbrk(pages * hl.PGSIZE)
    process.store(heap, byte)
    return heap


def test_agreement_leaves_open_which_frame_a_page_has() -> None:
    kernel, native = hl.Kernel(memory="2MiB"), hl.Kernel(memory="2MiB")
    kernel.call("kfree", kernel.call("kalloc"))
    taken = kernel.call("kalloc")
    grown(kernel)
    kernel.call("kfree", taken)
    grown(native)
    expect.agrees(kernel, native, grown)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda k, mine: mine, "the result is True and should be False"),
        (lambda k, mine: grown(k, pages=2 + mine), "the number of free pages is"),
        (lambda k, mine: grown(k, b"m" if mine else b"n"), "what pid 1 has at 0x"),
        (
            lambda k, mine: k.process(1).sbrk(hl.PGSIZE, hl.SBRK_LAZY if mine else 1),
            "the number of free pages",
        ),
        (lambda k, mine: (k.process(1).fork(), 0)[1] if mine else 0, "the number of free pages"),
    ],
)
def test_disagreement_is_told(act: Any, words: str) -> None:
    kernel, native = hl.Kernel(memory="2MiB"), hl.Kernel(memory="2MiB")
    with pytest.raises(CheckFailed, match=words):
        expect.agrees(kernel, native, lambda k: act(k, k is kernel), "something")


# -- seeds and pytest ---------------------------------------------------------------------------------------


def test_a_student_s_name_is_a_seed() -> None:
    lab = hl.lab("walk-and-mappages")
    seen: dict[str, list[int]] = {}
    for name in ("ada", "bob", "ada"):
        seen[name] = []

        def walk(k: Any, pagetable: int, va: int, alloc: bool, into: list[int] = seen[name]) -> int:
            into.append(va)
            return int(k._engine.native_walk(pagetable, va, alloc))

        before = list(seen["ada"])
        lab.check(walk=walk, only="walk finds every page", seed=name)
        if name == "ada" and before:
            assert seen["ada"] == before
    assert seen["ada"] != seen["bob"]


def run_pytest(lab: Path, submission: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "hartlab.labs.pytest_plugin", "-p", "no:cacheprovider"),
            *("-c", os.devnull, "--submission", str(submission), *options, str(lab)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_checks_are_tests_of_pytest(tmp_path: Path) -> None:
    lab = hl.lab("walk-and-mappages").folder
    wrong = lab / "wrong" / "tables_not_zeroed.py"
    ran = run_pytest(lab, wrong, "-v", "--junitxml", str(tmp_path / "report.xml"))
    assert ran.returncode == 1, ran.stdout
    assert "lab.toml::walk finds every page PASSED" in ran.stdout
    assert "walk is 0 without memory SKIPPED" in ran.stdout
    assert "a new table is not zeroed" in ran.stdout
    assert "walk and mappages: 6 of 20 points" in ran.stdout
    assert 'name="max_points" value="3"' in (tmp_path / "report.xml").read_text(encoding="utf-8")
    assert "Traceback" not in ran.stdout


def test_checks_are_chosen_by_the_functions_that_they_try() -> None:
    lab = hl.lab("copy-on-write").folder
    ran = run_pytest(lab, lab / "reference.py", "-k", "cowfault", "--collect-only", "-q")
    assert ran.stdout.count("lab.toml::") == 5, ran.stdout


def test_pytest_says_why_a_submission_cannot_be_used(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("def walk(k:\n", encoding="utf-8")
    ran = run_pytest(hl.lab("walk-and-mappages").folder, mine)
    assert ran.returncode == 2
    assert "mine.py cannot be loaded: SyntaxError" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_lines_of_a_function_that_was_made_from_text_count() -> None:
    names: dict[str, Any] = {}
    exec("def kalloc(k):\n    while True:\n        pass", names)
    kernel = hl.Kernel("2MiB")
    meter = LineMeter(1_000)
    kernel.replace("kalloc", meter.metered(names["kalloc"]))
    with pytest.raises(OutOfLinesError, match="1,000 lines"):
        kernel.call("kalloc")


class Finalised:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.me = None


def test_finalizers_that_a_collection_would_call_are_no_lines_of_the_function() -> None:
    def makes_garbage() -> None:
        for _ in range(50):
            Finalised()

    thresholds, used = gc.get_threshold(), set()
    try:
        for threshold in (0, 1):  # never, and at every turn
            meter = LineMeter(1_000)
            gc.set_threshold(threshold)
            meter.metered(makes_garbage)()
            gc.set_threshold(*thresholds)
            used.add(meter.used)
    finally:
        gc.set_threshold(*thresholds)
    assert len(used) == 1
    assert gc.isenabled()
