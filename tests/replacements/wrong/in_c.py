"""Mistakes in C, and the words of what tells them."""

from __future__ import annotations

from typing import NamedTuple


class InC(NamedTuple):
    """A C function. With arguments it is called with them, else held against the engine's in a workload."""

    name: str
    source: str
    words: str
    arguments: tuple[int, ...] = ()


IN_C = {
    "endless recursion": InC(
        "freewalk",
        "void freewalk(pagetable_t p) {\n  freewalk(p);\n  kfree(p);\n}",
        "stack overflow",
    ),
    "endless loop": InC(
        "uvmdealloc",
        "uint64 uvmdealloc(pagetable_t p, uint64 a, uint64 b) {\n  while (a != b + 1) ;\n  return b;\n}",
        "endless loop",
    ),
    "wild store": InC(
        "uvmclear",
        "void uvmclear(pagetable_t p, uint64 va) {\n  *(uint64 *)va = 0;\n}",
        "wild store",
        (0, 0x5000),
    ),
    "null table": InC(
        "walkaddr",
        "static pagetable_t none;\nuint64 walkaddr(pagetable_t p, uint64 va) {\n"
        "  return *(volatile pte_t *)(none + PX(2, va));\n}",
        "null pointer",
    ),
    "a user's address": InC(
        "copyin",
        "int copyin(pagetable_t p, char *to, uint64 from, uint64 n) {\n"
        "  memmove(to, (char *)from, n);\n  return 0;\n}",
        "not in RAM",
        (0, 0x5000, 0x6000, 8),
    ),
    "a page in use is freed": InC(
        "uvmcreate",
        "pagetable_t uvmcreate(void) {\n  pagetable_t p = kalloc();\n"
        "  memset(p, 0, PGSIZE);\n  kfree(p);\n  return p;\n}",
        "free list",
    ),
}
