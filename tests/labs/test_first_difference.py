"""Where a solution first comes to something else than the engine's own functions."""

from __future__ import annotations

from typing import Any

import pytest

import hartlab as hl
from hartlab.labs import FirstDifference, lab
from hartlab.labs.first_difference import Watched
from hartlab.labs.lab import Wrong
from hartlab.labs.metering import LineMeter
from hartlab.labs.submission import load_python
from labs.test_shipped_labs import LANGUAGES, NAMES, WRONG, of_file, path

COW = lab("copy-on-write")


@pytest.mark.parametrize(("name", "wrong"), [of_file(*each) for each in WRONG])
def test_a_wrong_solution_has_a_first_call_that_differs_and_does_so_again(name: str, wrong: Wrong) -> None:
    given = lab(name)
    found = given.first_difference(wrong.fails, wrong.path)
    assert found is not None
    assert found.function in next(each.of for each in given.checks if each.name == wrong.fails)
    assert found.words
    assert again(found, found.kernel.clone()) != again(found, with_solution(given, wrong, found))


def with_solution(given: hl.Lab, wrong: Wrong, found: FirstDifference) -> hl.Kernel:
    kernel = found.kernel.clone()
    if wrong.path.suffix == ".c":
        kernel.replace_c(wrong.path)
    else:
        for name, function in load_python(wrong.path, LineMeter(10_000)).items():
            if name in given.functions:
                kernel.replace(name, function)
    return kernel


def again(found: FirstDifference, kernel: hl.Kernel) -> list[Any]:
    """Make the call as `python` says: what came of it, and all that the machine has then."""
    names: dict[str, Any] = {"kernel": kernel}
    *before, call = found.python.split("; ")
    exec("\n".join(before), names)
    try:
        result = eval(call, names)
    except hl.KernelPanic as panic:
        return [panic.text]
    translations = kernel.hart.tlb()[["valid", "asid", "va"]].tolist()
    return [result, kernel.memory.array.tobytes(), translations]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_call_of_a_reference_differs(name: str, language: str) -> None:
    given = lab(name)
    runner = given.runner(path(name, "reference", language))
    assert [each.name for each in given.checks if runner.first_difference(each)] == []


def test_frames_are_left_open() -> None:
    """A uvmcopy that takes a page more, and gives it back, uses others than the engine's own."""

    def uvmcopy(k: Any, old: int, new: int, sz: int) -> int:
        one, other = k.kalloc(), k.kalloc()
        k.kfree(one)
        k.kfree(other)
        for va in range(0, sz, k.PGSIZE):
            pte = k.walk(old, va, 0)
            if pte == 0 or not k.load64(pte) & k.PTE_V:
                continue
            page = k.kalloc()
            k.memmove(page, k.PTE2PA(k.load64(pte)), k.PGSIZE)
            k.mappages(new, va, k.PGSIZE, page, k.PTE_FLAGS(k.load64(pte)))
        return 0

    kernel = hl.Kernel(memory="2MiB")
    parent = kernel.spawn(code=hl.asm("loop: j loop"))
    assert not hl.compare(kernel, "uvmcopy", uvmcopy, lambda k: k.process(parent.pid).fork()).same
    kernel.replace("uvmcopy", uvmcopy)
    watched = Watched(kernel)
    watched.kernel.process(parent.pid).fork()
    assert watched.found is None


def test_it_reads_as_a_call_and_what_differs() -> None:
    found = COW.first_difference("uvmcopy undoes what it did", uvmcopy=lambda k, old, new, sz: 0)
    assert found is not None
    head, *lines = repr(found).splitlines()
    assert head.startswith("<The first difference is in call 1, uvmcopy(0x")
    assert "when allocation 1 from there fails" in head
    assert lines[0] == "  it comes to 0, the engine's own to -1"
    assert found.python.startswith('kernel.inject(fail_kalloc=1); kernel.call("uvmcopy", 0x')


def test_a_solution_that_never_ends_is_found_by_its_budget() -> None:
    def uvmcopy(k: Any, old: int, new: int, sz: int) -> int:
        while True:
            pass

    found = COW.first_difference("parent and child share every frame", uvmcopy=uvmcopy)
    assert found is not None
    assert "lines of Python" in found.words[0]


def test_a_check_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match="check='it works' is none of 'parent and child share"):
        COW.first_difference("it works", uvmcopy=lambda k, old, new, sz: 0)
