"""Replacements with the mistakes that students make: each is found, and called by its name.

A mistake is a source (Python or C), the function that it is in, and words that the diagnosis must have.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import hartlab as hl
from hartlab.toolchain import find_compilers
from kernel.support import small, spin
from replacements import in_python

RIGHT = in_python()


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


def changed(name: str, old: str, new: str) -> Callable[..., Any]:
    """The right Python function with a piece of its text changed."""
    source = inspect.getsource(RIGHT[name])
    assert old in source, (name, old)
    made: dict[str, Any] = dict(RIGHT[name].__globals__)
    exec(compile(source.replace(old, new, 1), f"{name}.py", "exec"), made)
    return made[name]  # type: ignore[no-any-return]


PYTHON: dict[str, tuple[str, Callable[..., Any], str]] = {
    "a frame is lost when mappages fails": (
        "uvmcopy",
        changed("uvmcopy", "k.kfree(frame)", "pass"),
        "fewer than native",
    ),
    "nothing is undone on failure": (
        "uvmcopy",
        changed("uvmcopy", "k.uvmunmap(new", "(lambda *a: 0)(new"),
        "mine leaves 2 free pages fewer",
    ),
    "undone a page too few": (
        "uvmcopy",
        changed("uvmcopy", "va // k.PGSIZE,", "va // k.PGSIZE - 1,"),
        "differs in",
    ),
    "the flags are lost": (
        "uvmcopy",
        changed("uvmcopy", "k.PTE_FLAGS(pte)", "(k.PTE_R | k.PTE_U)"),
        "page tables",
    ),
    "W is lost": (
        "uvmcopy",
        changed("uvmcopy", "k.PTE_FLAGS(pte)", "(k.PTE_FLAGS(pte) & ~k.PTE_W)"),
        "flags",
    ),
    "the last page is left out": (
        "uvmcopy",
        changed("uvmcopy", "k.PGROUNDUP(sz)", "k.PGROUNDDOWN(sz - 1)"),
        "differs",
    ),
    "the copy is not made": ("uvmcopy", changed("uvmcopy", "k.memmove(", "(lambda *a: 0)("), "memory"),
    "parent and child share frames": (
        "uvmcopy",
        changed(
            "uvmcopy", "k.mappages(new, va, k.PGSIZE, frame", "k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte)"
        ),
        "from free to lost",
    ),
    "failure is success": ("uvmcopy", changed("uvmcopy", "return -1", "return 0"), "native: -1; mine: 0"),
    "nothing is returned": (
        "uvmcopy",
        changed("uvmcopy", "    return 0\n", "    return None\n"),
        "returned None",
    ),
    "freed without being unmapped": (
        "uvmunmap",
        changed("uvmunmap", "k.store64(address, 0)", "pass"),
        "page tables",
    ),
    "unmapped without being freed": (
        "uvmunmap",
        changed("uvmunmap", "k.kfree(frame)", "pass"),
        "fewer than native",
    ),
    "freed twice": (
        "uvmunmap",
        changed("uvmunmap", "k.kfree(frame)", "k.kfree(frame); k.kfree(frame)"),
        "free",
    ),
    "a page in use is unmapped": (
        "uvmdealloc",
        changed(
            "uvmdealloc", "unmap(pagetable, new, (old - new)", "unmap(pagetable, new - k.PGSIZE, (old - new)"
        ),
        "page tables",
    ),
    "rounded the wrong way": (
        "uvmdealloc",
        changed("uvmdealloc", "-(-size // k.PGSIZE)", "size // k.PGSIZE"),
        "differs",
    ),
    "the page is not zeroed": (
        "uvmalloc",
        changed("uvmalloc", "k.memset(page, 0, k.PGSIZE)", "pass"),
        "memory",
    ),
    "the page is lost": (
        "uvmalloc",
        changed("uvmalloc", "            k.kfree(page)\n", ""),
        "fewer than native",
    ),
    "U is forgotten": ("uvmalloc", changed("uvmalloc", "| k.PTE_U ", ""), "as a PTE, VRW-U--- and VRW-----"),
    "the table is not zeroed": (
        "walk",
        changed("walk", "k.memset(pagetable, 0, k.PGSIZE)", "pass"),
        "differs",
    ),
    "V is forgotten": ("walk", changed("walk", " | k.PTE_V)", ")"), "differs"),
    "the wrong level": ("walk", changed("walk", "k.PX(0, va)", "k.PX(1, va)"), "differs in its result"),
    "a table is made when none was wanted": (
        "walk",
        changed("walk", "if alloc else 0", "if True else 0"),
        "differs",
    ),
    "the list is not followed": (
        "kalloc",
        changed("kalloc", "k.load64(page)", "page + k.PGSIZE"),
        "free list",
    ),
    "the page stays in the list": (
        "kalloc",
        changed("kalloc", "kmem.freelist = k.load64(page)", "pass"),
        "free list",
    ),
    "the lock is kept": ("kalloc", changed("kalloc", "k.release(", "(lambda a: 0)("), "kmem.lock.locked"),
    "the junk is forgotten": ("kfree", changed("kfree", "k.memset(pa, 1, k.PGSIZE)", "pass"), "memory"),
    "remap is allowed": (
        "mappages",
        changed("mappages", "if k.load64(address) & k.PTE_V", "if False"),
        "native: panic: mappages: remap; mine: 0",
    ),
    "the permission is ignored": ("mappages", changed("mappages", "| perm |", "|"), "memory"),
    "tables are not freed": (
        "freewalk",
        changed("freewalk", "k.kfree(pagetable)", "pass"),
        "fewer than native",
    ),
    "not a process": ("growproc", changed("growproc", "p.sz = size", "p.size = size"), "has no field 'size'"),
}

C: dict[str, tuple[str, str, str]] = {
    "endless recursion": (
        "freewalk",
        "void freewalk(pagetable_t p) {\n  freewalk(p);\n  kfree(p);\n}",
        "stack overflow",
    ),
    "endless loop": (
        "uvmdealloc",
        "uint64 uvmdealloc(pagetable_t p, uint64 a, uint64 b) {\n  while (a != b + 1) ;\n  return b;\n}",
        "endless loop",
    ),
    "wild store": (
        "uvmclear",
        "void uvmclear(pagetable_t p, uint64 va) {\n  *(uint64 *)va = 0;\n}",
        "wild store",
    ),
    "null table": (
        "walkaddr",
        "static pagetable_t none;\nuint64 walkaddr(pagetable_t p, uint64 va) {\n"
        "  return *(volatile pte_t *)(none + PX(2, va));\n}",
        "null pointer",
    ),
    "a user's address": (
        "copyin",
        "int copyin(pagetable_t p, char *to, uint64 from, uint64 n) {\n"
        "  memmove(to, (char *)from, n);\n  return 0;\n}",
        "not in RAM",
    ),
    "a page in use is freed": (
        "uvmcreate",
        "pagetable_t uvmcreate(void) {\n  pagetable_t p = kalloc();\n"
        "  memset(p, 0, PGSIZE);\n  kfree(p);\n  return p;\n}",
        "free list",
    ),
}


@pytest.mark.parametrize("name", PYTHON)
def test_a_mistake_in_python_is_called_by_its_name(name: str) -> None:
    function, mine, diagnosis = PYTHON[name]
    found = hl.compare(small(), function, mine, life)
    assert not found.same
    assert diagnosis in repr(found) or diagnosis in str(found.table["what"][-1]), repr(found)
    assert f"{function}(" in repr(found)
    assert found.native is not None
    assert found.mine is not None
    assert found._repr_html_()


@pytest.mark.skipif(not find_compilers(), reason="no C compiler for RISC-V on this computer")
@pytest.mark.parametrize("name", C)
def test_a_mistake_in_c_is_called_by_its_name(name: str) -> None:
    function, source, diagnosis = C[name]
    if function in ("uvmclear", "copyin"):
        kernel = small()
        kernel.replace_c(source)
        with pytest.raises(hl.KernelPanic) as caught:
            kernel.call(
                function, *([kernel.page_table.root, 0x5000, 0x6000, 8][: 4 if function == "copyin" else 2])
            )
        text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
        assert "mine.c:2" in text
    else:
        text = repr(hl.compare(small(), function, source, life))
    assert diagnosis in text


def test_a_fence_that_is_missing_is_seen_by_the_stale_check() -> None:
    for name, uses in ("right", 0), ("wrong", 1):
        kernel = small(fork="cow", asid="on")
        kernel.replace("uvmcopy", changed("uvmcopy", "k.sfence_vma()", "pass" if uses else "k.sfence_vma()"))
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
