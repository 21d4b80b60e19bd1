"""Checking a submission, in whatever form it comes and whatever it does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl
from compilers import needs_compiler
from hartlab.labs import SubmissionError, check, expect
from hartlab.labs.checks import checks_of

LAB = hl.lab("walk-and-mappages")
WALK = LAB.folder / "reference.py"
FIRST = "walk finds every page"


def reference() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(WALK.read_text(encoding="utf-8"), names)
    return {name: names[name] for name in LAB.functions}


def endless(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    while True:
        pass


def endless_in_k(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    while True:
        k.load64(pagetable)


def endless_in_disguise(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    while True:
        try:
            k.load64(pagetable)
        except Exception:
            alloc = not alloc


def raises(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    return {}[va]  # type: ignore[no-any-return]


def recurses(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    return int(k.walk(pagetable, va, alloc))


def exits(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    sys.exit(0)


def speaks(k: Any, pagetable: int, va: int, alloc: bool) -> Any:
    return "20 of 20 points"


def returns_nonsense(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    return 0xDEAD_BEEF_0000


def corrupts(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    k.data.kmem.freelist = 0x1234
    return 0


def frees_the_root(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    k.kfree(pagetable)
    return 0


def asks_the_engine(k: Any, pagetable: int, va: int, alloc: bool) -> int:
    return int(k.native.walk(pagetable, va, alloc))


HOSTILE: dict[str, tuple[Any, str]] = {
    "loops": (endless, "lines of Python were not enough (a loop without end?)"),
    "loops with k": (endless_in_k, "not enough (a loop without end?)"),
    "catches what stops it": (endless_in_disguise, "not enough (a loop without end?)"),
    "raises": (raises, "KeyError"),
    "recurses": (recurses, "nest deeper than"),
    "exits": (exits, "SystemExit"),
    "asks the engine": (asks_the_engine, "k.native is not there in a lab"),
    "returns a text": (speaks, "returned '20 of 20 points'"),
    "returns nonsense": (returns_nonsense, "is 0xdeadbeef0000 and should be 0x"),
    "corrupts the free list": (corrupts, "there is the PTE that the MMU uses"),
    "frees the root": (frees_the_root, "there is the PTE that the MMU uses"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_function_loses_its_own_points_and_no_others(name: str) -> None:
    function, words = HOSTILE[name]
    report = LAB.check(walk=function, mappages=reference()["mappages"])
    assert words in report[FIRST].message, report
    assert report[FIRST].points == 0
    assert {each.name for each in report if each.points} == {
        "mappages maps every page of a range",
        "mappages counts the mappings",
        "mappages maps no page twice",
        "mappages takes back what it did",
    }
    assert sys.gettrace() is None or "coverage" in repr(sys.gettrace())


C_HOSTILE = {
    "loops": ("for (;;) ;", "endless loop"),
    "stores wildly": ("*(volatile int *)0x40 = 1;", "0x40"),
    "recurses": ("return walk(pagetable, va + 1, alloc) + 1;", "stack overflow"),
    "jumps away": ("((void (*)(void))0x1000)();", "0x1000"),
}


@needs_compiler
@pytest.mark.parametrize("name", C_HOSTILE)
def test_a_hostile_function_in_c_loses_its_own_points(name: str) -> None:
    body, words = C_HOSTILE[name]
    source = f"pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {{\n  {body}\n  return 0;\n}}\n"
    report = LAB.check(source, mappages=reference()["mappages"])
    assert words in report[FIRST].message, report
    assert report[FIRST].points == 0
    assert report["mappages maps every page of a range"].passed


def test_a_solution_may_come_as_functions_as_a_file_or_in_a_kernel(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(LAB.reference(), encoding="utf-8")
    kernel = LAB.kernel()
    for name, function in reference().items():
        kernel.replace(name, function)
    assert LAB.check(file).passed
    assert LAB.check(str(file)).passed
    assert LAB.check(kernel).passed
    assert LAB.check(**reference()).passed


@needs_compiler
def test_c_may_come_as_text_or_in_a_kernel_of_another_size() -> None:
    source = LAB.reference("c")
    assert LAB.check(source).passed
    kernel = hl.Kernel(memory="16MiB")
    kernel.replace_c(source)
    kernel.replace("walk", reference()["walk"])
    assert LAB.check(kernel).passed


def test_a_function_that_was_not_handed_in_earns_nothing() -> None:
    report = LAB.check(mappages=reference()["mappages"])
    assert report[FIRST].status == "not written"
    assert report[FIRST].message == "walk was not handed in"
    assert report["mappages takes back what it did"].passed


def test_a_check_whose_needs_have_failed_is_not_run() -> None:
    report = LAB.check(walk=raises, mappages=reference()["mappages"])
    result = report["walk makes no table unasked"]
    assert (result.status, result.points) == ("not run", 0)
    assert FIRST in result.message


def test_the_functions_that_a_check_is_not_of_are_the_engine_s() -> None:
    report = LAB.check(walk=raises, mappages=reference()["mappages"])
    kernel = report["mappages maps every page of a range"].kernel
    assert kernel is not None
    assert set(kernel.replaced) == {"mappages"}


def test_one_check_may_be_run_by_itself() -> None:
    report = LAB.check(only="walk panics at MAXVA", walk=reference()["walk"])
    assert [(each.name, each.passed) for each in report] == [("walk panics at MAXVA", True)]
    with pytest.raises(ValueError, match="only='walk works' is none of 'walk finds every page'"):
        LAB.check(only="walk works", walk=raises)


def test_a_failure_leaves_its_kernel_to_look_at() -> None:
    wrong = next(each for each in LAB.wrong() if each.path.name == "a_mapping_is_overwritten.py")
    [result] = LAB.check(wrong.path).failed
    assert result.kernel is not None
    assert result.kernel.process(1).page_table.walk(int(result.look["va"]))
    assert "va 0x0" in result.where


def test_a_verdict_does_not_depend_on_what_was_checked_before() -> None:
    first = repr(LAB.check(walk=corrupts, mappages=reference()["mappages"]))
    LAB.check(walk=endless)
    assert repr(LAB.check(walk=corrupts, mappages=reference()["mappages"])) == first


def test_seeds_choose_the_random_numbers() -> None:
    seen: list[int] = []
    right = reference()["walk"]

    def walk(k: Any, pagetable: int, va: int, alloc: bool) -> int:
        seen.append(va)
        return int(right(k, pagetable, va, alloc))

    def addresses(seed: int) -> list[int]:
        seen.clear()
        LAB.check(walk=walk, only=FIRST, seed=seed)
        return list(seen)

    assert addresses(1) == addresses(1) != addresses(2)


def test_a_report_reads_as_text_as_html_and_as_a_table() -> None:
    report = LAB.check(walk=raises, mappages=reference()["mappages"])
    assert repr(report).startswith(
        f"<walk and mappages: {report.points} of 20 points>\nfailed         0/3   walk"
    )
    assert "lab" not in report._repr_html_().lower() or "<table>" in report._repr_html_()
    assert report.table["points"].sum() == report.points
    assert report.table["of"].sum() == report.max_points == 20
    assert json.dumps(report.table["status"].tolist())
    with pytest.raises(KeyError, match="is none of the checks"):
        report["no such check"]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ((), SubmissionError, "none of the lab's functions was handed in: it has walk, mappages"),
        ((17,), TypeError, "must be C source, the path of"),
        (("missing.py",), FileNotFoundError, "no file 'missing.py'"),
        (("missing.c",), FileNotFoundError, "no file 'missing.c'"),
    ],
)
def test_what_is_no_submission_is_refused(given: tuple[Any, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        LAB.check(*given)


def test_a_function_of_another_lab_is_refused() -> None:
    with pytest.raises(SubmissionError, match="fork is no function of this lab"):
        LAB.check(fork=lambda k: -1)
    with pytest.raises(TypeError, match="walk=3 is not callable"):
        LAB.check(walk=3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def walk(k:\n", r"mine.py cannot be loaded: SyntaxError: .*line 1"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("while True:\n    pass\n", "lines of Python were not enough"),
        ("raise SystemExit(0)\n", "SystemExit: 0"),
        ("def fork(k):\n    return 3\n", "none of the lab's functions was handed in"),
    ],
)
def test_a_file_that_does_not_load_says_why(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SubmissionError, match=words):
        LAB.check(file)


@needs_compiler
def test_c_that_does_not_compile_says_why() -> None:
    with pytest.raises(hl.CompileError, match="undeclared"):
        LAB.check("pte_t *walk(pagetable_t p, uint64 va, int alloc) {\n  return q;\n}\n")
    with pytest.raises(hl.CompileError, match="defines none of the kernel's functions"):
        LAB.check("int of_my_own(void) {\n  return 1;\n}\n")


@needs_compiler
def test_c_functions_of_another_lab_earn_nothing_and_change_nothing() -> None:
    report = LAB.check("int fork(void) {\n  return -1;\n}\n", mappages=reference()["mappages"])
    assert report[FIRST].status == "not written"
    kernel = report["mappages takes back what it did"].kernel
    assert kernel is not None
    assert set(kernel.replaced) == {"mappages"}


# -- labs of one's own ---------------------------------------------------------------------------------------


TOML = """
title = "kalloc"
task = "Write kalloc."
functions = ["kalloc"]
points = {points}
order = 99

[kernel]
memory = "2MiB"
"""
CHECKS = """
from hartlab.labs import check, expect


@check("a page is given", points=3, of="kalloc")
def gives(kernel):
    free = kernel.free_pages
    page = kernel.call("kalloc")
    expect.equal("the number of free pages", kernel.free_pages, free - 1, pa=page)
    kernel.call("kfree", page)
"""


def folder(path: Path, points: int = 3, checks: str = CHECKS) -> Path:
    (path / "lab.toml").write_text(TOML.format(points=points), encoding="utf-8")
    (path / "checks.py").write_text(checks, encoding="utf-8")
    return path


def allocates(k: Any) -> int:
    page = int(k.data.kmem.freelist)
    k.data.kmem.freelist = k.load64(page)
    k.data.kmem.free_pages -= 1
    return page


def test_a_folder_is_a_lab(tmp_path: Path) -> None:
    mine = hl.lab(folder(tmp_path))
    assert mine.check(kalloc=allocates).points == 3
    [result] = mine.check(kalloc=lambda k: 0x8010_0000).results
    assert "the number of free pages is" in result.message
    assert "frame 0x80100000" in result.where


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": 4}, "says 4 points; its checks have 3"),
        ({"checks": CHECKS.replace("(kernel)", "(machine)")}, "asks for 'machine': there are only kernel"),
        (
            {"checks": CHECKS.replace('of="kalloc"', 'of="kalloc", needs="b"')},
            "needs 'b', which does not stand",
        ),
        ({"checks": CHECKS + CHECKS.replace("gives", "again")}, "there are two checks 'a page is given'"),
    ],
)
def test_a_folder_with_a_mistake_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        hl.lab(folder(tmp_path, **change))


def test_there_is_no_such_lab() -> None:
    with pytest.raises(ValueError, match="'paging' is none of walk-and-mappages"):
        hl.lab("paging")


def test_checks_are_found_in_their_order() -> None:
    module = type(sys)("m")
    for name in ("b", "a"):
        setattr(module, name, check(name, points=1, of="walk")(lambda kernel: None))
    assert [each.name for each in checks_of(module)] == ["b", "a"]


# -- what a check expects ------------------------------------------------------------------------------------


def test_every_expectation_says_what_is_wrong() -> None:
    kernel = hl.Kernel(memory="2MiB")
    dying = kernel.spawn(code=hl.asm("ld a0, 0(zero); li t0, 1; slli t0, t0, 37; ld a0, 0(t0)"))
    expect.finishes(kernel, 1000)
    process = kernel.spawn(code=hl.asm("loop: j loop"))
    with pytest.raises(expect.CheckFailed, match=r"do not come to their end: .*budget"):
        expect.finishes(kernel, 1000)
    cases = [
        (lambda: expect.exit_status(process, 0), "has not exited: it is RUN"),
        (lambda: expect.equal("x", 1, 2, "so it is"), "x is 1 and should be 2: so it is"),
        (lambda: expect.that(False, "no"), "no"),
        (lambda: expect.panic("walk", lambda: 3), "there is no panic 'walk', but the result 3"),
        (lambda: expect.exit_status(dying, 0), "status -1 .killed: load page fault at address 0x2000000000"),
        (lambda: expect.stores(process, 1 << 37, b"x"), "store page fault at 0x2000000000"),
        (lambda: expect.loads(process, 0, b"xy"), "what pid .* finds at 0x0 is .* and should be b'xy'"),
    ]
    for act, words in cases:
        with pytest.raises(expect.CheckFailed, match=words):
            act()
    with pytest.raises(expect.CheckFailed, match="the panic is 'walk' and should be 'remap'"):
        expect.panic("remap", lambda: kernel.clone().call("walk", 0x80000000, 1 << 40, 0))


def test_a_sweep_names_the_allocation_whose_failure_is_not_undone() -> None:
    kernel = hl.Kernel(memory="2MiB")
    process = kernel.spawn(code=hl.asm("loop: j loop"))

    def leaks(k: Any, pagetable: int, sz: int, new: int, perm: int) -> int:
        page = k.kalloc()
        return int(k.native.uvmalloc(pagetable, sz, new, perm)) if page and k.kfree(page) is None else 0

    kernel.replace("uvmalloc", leaks)
    expect.survives_failures(kernel, lambda k: k.process(process.pid).sbrk(hl.PGSIZE, 1))

    def loses(k: Any, pagetable: int, sz: int, new: int, perm: int) -> int:
        page = k.kalloc()
        grown = int(k.native.uvmalloc(pagetable, sz, new, perm)) if page else 0
        if grown:
            k.kfree(page)
        return grown

    kernel.replace("uvmalloc", loses)
    with pytest.raises(expect.CheckFailed, match="when allocation 2 fails, 1 frame got lost"):
        expect.survives_failures(kernel, lambda k: k.process(process.pid).sbrk(hl.PGSIZE, 1))


def test_the_audit_is_part_of_a_failure() -> None:
    kernel = hl.Kernel(memory="2MiB")
    kernel.call("kalloc")
    with pytest.raises(expect.CheckFailed, match="the audit finds lost_frame: ") as caught:
        expect.sound(kernel)
    assert caught.value.look["pa"]
