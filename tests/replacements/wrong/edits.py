"""Mistakes as edits of the right Python functions: what `hl.compare` says of each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from replacements import in_python

RIGHT = in_python()


class Edit(NamedTuple):
    """A piece of the function's text is replaced, and the comparison has these words."""

    name: str
    old: str
    new: str
    words: str

    def made(self) -> Callable[..., Any]:
        """The function with the mistake."""
        source = inspect.getsource(RIGHT[self.name])
        assert self.old in source, self
        names: dict[str, Any] = dict(RIGHT[self.name].__globals__)
        exec(compile(source.replace(self.old, self.new, 1), f"{self.name}.py", "exec"), names)
        return names[self.name]  # type: ignore[no-any-return]


EDITS = {
    "a frame is lost when mappages fails": Edit("uvmcopy", "k.kfree(frame)", "pass", "fewer than native"),
    "nothing is undone on failure": Edit(
        "uvmcopy", "k.uvmunmap(new", "(lambda *a: 0)(new", "mine leaves 2 free pages fewer"
    ),
    "undone a page too few": Edit("uvmcopy", "va // k.PGSIZE,", "va // k.PGSIZE - 1,", "differs in"),
    "the flags are lost": Edit("uvmcopy", "k.PTE_FLAGS(pte)", "(k.PTE_R | k.PTE_U)", "page tables"),
    "W is lost": Edit("uvmcopy", "k.PTE_FLAGS(pte)", "(k.PTE_FLAGS(pte) & ~k.PTE_W)", "flags"),
    "the last page is left out": Edit("uvmcopy", "k.PGROUNDUP(sz)", "k.PGROUNDDOWN(sz - 1)", "differs"),
    "the copy is not made": Edit("uvmcopy", "k.memmove(", "(lambda *a: 0)(", "memory"),
    "parent and child share frames": Edit(
        "uvmcopy",
        "k.mappages(new, va, k.PGSIZE, frame",
        "k.mappages(new, va, k.PGSIZE, k.PTE2PA(pte)",
        "from free to lost",
    ),
    "failure is success": Edit("uvmcopy", "return -1", "return 0", "native: -1; mine: 0"),
    "nothing is returned": Edit("uvmcopy", "    return 0\n", "    return None\n", "returned None"),
    "freed without being unmapped": Edit("uvmunmap", "k.store64(address, 0)", "pass", "page tables"),
    "unmapped without being freed": Edit("uvmunmap", "k.kfree(frame)", "pass", "fewer than native"),
    "freed twice": Edit("uvmunmap", "k.kfree(frame)", "k.kfree(frame); k.kfree(frame)", "free"),
    "a page in use is unmapped": Edit(
        "uvmdealloc",
        "unmap(pagetable, new, (old - new)",
        "unmap(pagetable, new - k.PGSIZE, (old - new)",
        "page tables",
    ),
    "rounded the wrong way": Edit("uvmdealloc", "-(-size // k.PGSIZE)", "size // k.PGSIZE", "differs"),
    "the page is not zeroed": Edit("uvmalloc", "k.memset(page, 0, k.PGSIZE)", "pass", "memory"),
    "the page is lost": Edit("uvmalloc", "            k.kfree(page)\n", "", "fewer than native"),
    "U is forgotten": Edit("uvmalloc", "| k.PTE_U ", "", "as a PTE, VRW-U--- and VRW-----"),
    "the table is not zeroed": Edit("walk", "k.memset(pagetable, 0, k.PGSIZE)", "pass", "differs"),
    "V is forgotten": Edit("walk", " | k.PTE_V)", ")", "differs"),
    "the wrong level": Edit("walk", "k.PX(0, va)", "k.PX(1, va)", "differs in its result"),
    "a table is made when none was wanted": Edit("walk", "if alloc else 0", "if True else 0", "differs"),
    "the list is not followed": Edit("kalloc", "k.load64(page)", "page + k.PGSIZE", "free list"),
    "the page stays in the list": Edit("kalloc", "kmem.freelist = k.load64(page)", "pass", "free list"),
    "the lock is kept": Edit("kalloc", "k.release(", "(lambda a: 0)(", "kmem.lock.locked"),
    "the junk is forgotten": Edit("kfree", "k.memset(pa, 1, k.PGSIZE)", "pass", "memory"),
    "remap is allowed": Edit(
        "mappages", "if k.load64(address) & k.PTE_V", "if False", "native: panic: mappages: remap; mine: 0"
    ),
    "the permission is ignored": Edit("mappages", "| perm |", "|", "memory"),
    "tables are not freed": Edit("freewalk", "k.kfree(pagetable)", "pass", "fewer than native"),
    "not a process": Edit("growproc", "p.sz = size", "p.size = size", "has no field 'size'"),
}
