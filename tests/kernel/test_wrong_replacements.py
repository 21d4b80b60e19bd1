"""Wrong replacements: each is noticed, by whom and in which words is told by replacements.wrong."""

from __future__ import annotations

import contextlib
import re

import pytest

import hartlab as hl
from compilers import needs_compiler
from kernel.support import small, spin
from replacements.wrong import EDITS, IN_C, RIGHT, WRONG, Edit, diagnose

# -- noticed by the kernel at work, its audit or its results -----------------------------------


def test_there_is_every_kind_of_diagnosis() -> None:
    assert len(WRONG) >= 30
    assert {each.by for each in WRONG.values()} == {"seam", "panic", "audit", "tlb", "diff", "result"}


@pytest.mark.parametrize("title", WRONG)
def test_a_wrong_function_is_diagnosed(title: str) -> None:
    each = WRONG[title]
    found = diagnose(each)
    assert found.by == each.by, found.words
    assert re.search(each.words, found.words, re.DOTALL), found.words


@pytest.mark.parametrize("title", [title for title, each in WRONG.items() if each.by == "seam"])
def test_an_error_of_python_names_function_file_and_line(title: str) -> None:
    each = WRONG[title]
    error = diagnose(each).error
    assert isinstance(error, hl.SeamError)
    code = each.function.__code__
    assert error.function == each.name
    assert error.file == code.co_filename
    assert code.co_firstlineno <= error.line <= max(line for *_, line in code.co_lines() if line)


def test_a_wild_store_names_its_line() -> None:
    error = diagnose(WRONG["A virtual address is stored to as if it were physical"]).error
    assert isinstance(error, hl.KernelPanic)
    (note,) = error.__notes__
    assert re.search(r"in uvmunmap, .*user_memory\.py:\d+: k\.store64\(va, 0\)", note)


# -- noticed by a comparison with the engine's own function ---------------------------------


def life(kernel: hl.Kernel) -> None:
    """What a process does to its memory, with allocations that fail on the way, and a few calls by hand."""
    root = kernel.call("uvmcreate")
    for failing in (2, 3, 0):
        kernel.inject(fail_kalloc=failing)
        kernel.call("uvmalloc", root, 0, hl.PGSIZE, hl.PTE_W)
    kernel.call("walk", root, 1 << 30, 0)
    parent = spin(kernel)
    size = parent.sbrk(5 * hl.PGSIZE)
    parent.store(size, b"x" * 5000)
    for failing in (3, 6, 9):
        kernel.inject(fail_kalloc=failing)
        parent.fork()
    kernel.inject(fail_kalloc=0)
    child = parent.fork()
    child.store(size + 4000, b"child" * 50)
    child.sbrk(-2 * hl.PGSIZE - 100)
    kernel.inject(fail_kalloc=2)
    child.sbrk(4 * hl.PGSIZE)
    kernel.inject(fail_kalloc=0)
    child.kill()
    kernel.run(2000)
    parent.wait()
    kernel.spawn(code=hl.asm("li a0, 3; li a7, 2; ecall"))
    kernel.run(20_000)
    with contextlib.suppress(hl.KernelPanic):
        kernel.call("mappages", root, 0, hl.PGSIZE, hl.KERNBASE, hl.PTE_R)


@pytest.mark.parametrize("title", EDITS)
def test_a_comparison_calls_a_mistake_by_its_name(title: str) -> None:
    edit = EDITS[title]
    found = hl.compare(small(), edit.name, edit.made(), life)
    assert not found.same
    assert edit.words in repr(found) or edit.words in str(found.table["what"][-1]), repr(found)
    assert f"{edit.name}(" in repr(found)
    assert found.native is not None
    assert found.mine is not None
    assert found._repr_html_()


@needs_compiler
@pytest.mark.parametrize("title", IN_C)
def test_a_mistake_in_c_is_called_by_its_name(title: str) -> None:
    each = IN_C[title]
    if each.arguments:
        kernel = small()
        kernel.replace_c(each.source)
        with pytest.raises(hl.KernelPanic) as caught:
            kernel.call(each.name, *each.arguments)
        text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
        assert "mine.c:2" in text
    else:
        text = repr(hl.compare(small(), each.name, each.source, life))
    assert each.words in text


def test_a_fence_that_is_missing_is_seen_by_the_stale_check() -> None:
    for name, uses in ("right", 0), ("wrong", 1):
        kernel = small(fork="cow", asid="on")
        edit = Edit("uvmcopy", "k.sfence_vma()", "pass" if uses else "k.sfence_vma()", "")
        kernel.replace("uvmcopy", edit.made())
        kernel.spawn(
            code=hl.asm(
                "addi sp, sp, -16; sd sp, (sp); li a7, 1; ecall; beqz a0, 2f; sd sp, (sp); 1: j 1b; 2: j 2b"
            )
        )
        kernel.hart.stale_check = True
        kernel.run(500)
        found = kernel.hart.stale_uses()
        assert bool(len(found)) == bool(uses), name
        assert {str(use["writer"]) for use in found} <= {"uvmcopy"}
        assert all(use["pid"] == use["writer_pid"] == 2 for use in found)


def test_a_fence_that_a_caller_owes_is_the_kernels() -> None:
    kernel = small(asid="on")
    process = spin(kernel)
    heap = process.sbrk(hl.PGSIZE)
    kernel.hart.stale_check = True
    process.store(heap, b"x")
    frame = process.page_table.translate(heap)
    kernel.call("uvmunmap", process.page_table.root, heap, 1, 0)  # which fences nothing itself
    assert process.load(heap, 1) == b"x"
    [use] = kernel.hart.stale_uses()
    assert (use["va"], use["tlb_pa"], use["table_pte"], use["pid"]) == (heap, frame, 0, process.pid)
    assert (use["access"], use["writer"]) == ("load", "kernel")
    kernel.hart.tlb.flush()
    assert process.load(heap, 1) == b"\0"  # a new page: the address was granted
    assert len(kernel.hart.stale_uses()) == 1


@pytest.mark.parametrize(
    "name", ["uvmcopy", "walk", "mappages", "kalloc", "uvmunmap", "freewalk", "walkaddr"]
)
def test_what_is_right_is_the_same(name: str) -> None:
    found = hl.compare(small(), name, RIGHT[name], life)
    assert found.same, repr(found)
    assert len(found.table) > 0
    assert found.table["same"].all()
    assert "all the same" in repr(found)
    assert found.native is None
