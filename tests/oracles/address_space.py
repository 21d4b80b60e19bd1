"""User memory under xv6's names, over reference tables: uvmalloc, uvmcopy, vmfault and the rest, and sbrk.

Every kalloc and kfree happens in the order in which xv6 makes them, so that the free list can be compared
page by page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .allocator import PGSIZE, Allocator, ReferencePanicError
from .page_table import COW, MAXVA, Leaf, R, Table, U, V, W, X, px

TRAMPOLINE = MAXVA - PGSIZE
TRAPFRAME = TRAMPOLINE - PGSIZE


def pages_up(size: int) -> int:
    """PGROUNDUP."""
    return (size + PGSIZE - 1) // PGSIZE * PGSIZE


@dataclass(frozen=True)
class Policies:
    """The choices that concern user memory; the defaults are those of 2025."""

    fork: str = "copy"
    sbrk: str = "call"
    shrink: str = "fail"
    absent: str = "skip"  # uvmunmap and uvmcopy at a page that is not there
    permissions: str = "argument"  # uvmalloc and exec
    stack_pages: int = 1

    @classmethod
    def of(cls, xv6: str, fork: str = "copy") -> Policies:
        if xv6 == "2020":
            return cls(fork=fork, sbrk="eager", shrink="wrap", absent="panic", permissions="rwx")
        return cls(fork=fork)


class UserMemory:
    """Address spaces on one allocator. A page table is a Table; None stands for a null pointer."""

    def __init__(self, allocator: Allocator, policies: Policies, trampoline: int) -> None:
        self.allocator = allocator
        self.policies = policies
        self.trampoline = trampoline
        self.references: Counter[int] = Counter()  # frame to how many user leaves map it

    # -- page tables -------------------------

    def uvmcreate(self) -> Table | None:
        frame = self.allocator.kalloc()
        return Table(frame) if frame else None

    def map(self, root: Table, va: int, frame: int, flags: int) -> int:
        """mappages of one page."""
        table = root.lowest(va, self.allocator)
        if table is None:
            return -1
        if px(0, va) in table.entries:
            raise ReferencePanicError("mappages: remap")
        table.entries[px(0, va)] = Leaf(frame, flags | V)
        if va < TRAPFRAME:
            self.references[frame] += 1
        return 0

    def proc_pagetable(self, trapframe: int) -> Table | None:
        root = self.uvmcreate()
        if root is None:
            return None
        for va, frame, flags in (TRAMPOLINE, self.trampoline, R | X), (TRAPFRAME, trapframe, R | W):
            if self.map(root, va, frame, flags) < 0:
                self.freewalk(root)
                return None
        return root

    def proc_freepagetable(self, root: Table, sz: int) -> None:
        self.uvmunmap(root, TRAMPOLINE, 1, False)
        self.uvmunmap(root, TRAPFRAME, 1, False)
        if sz > 0:
            self.uvmunmap(root, 0, pages_up(sz) // PGSIZE, True)
        self.freewalk(root)

    def freewalk(self, root: Table) -> None:
        if any(True for _ in root.leaves()):
            raise ReferencePanicError("freewalk: leaf")
        for table in root.tables():
            self.allocator.kfree(table.frame)

    def uvmunmap(self, root: Table, va: int, npages: int, do_free: bool) -> None:
        if va % PGSIZE:
            raise ReferencePanicError("uvmunmap: not aligned")
        present = [(a, leaf) for a, leaf in root.leaves() if va <= a < va + npages * PGSIZE]
        if self.policies.absent == "panic" and len(present) != npages:
            raise ReferencePanicError("uvmunmap: not mapped")
        for a, leaf in present:
            shared = False
            if a < TRAPFRAME:
                self.references[leaf.frame] -= 1
                shared = self.policies.fork == "cow" and self.references[leaf.frame] > 0
            if do_free and not shared:
                self.allocator.kfree(leaf.frame)
            lowest = root.lowest(a)
            assert lowest is not None
            del lowest.entries[px(0, a)]

    # -- growing and shrinking -------------------------

    def uvmalloc(self, root: Table, oldsz: int, newsz: int, xperm: int) -> int:
        if newsz < oldsz:
            return oldsz
        flags = R | W | X | U if self.policies.permissions == "rwx" else R | U | xperm
        first = pages_up(oldsz)
        for va in range(first, newsz, PGSIZE):
            frame = self.allocator.kalloc()
            if not frame:
                self.uvmdealloc(root, va, first)
                return 0
            self.allocator.zero(frame)
            if self.map(root, va, frame, flags) < 0:
                self.allocator.kfree(frame)
                self.uvmdealloc(root, va, first)
                return 0
        return newsz

    def uvmdealloc(self, root: Table, oldsz: int, newsz: int) -> int:
        if newsz >= oldsz:
            return oldsz
        if pages_up(newsz) < pages_up(oldsz):
            self.uvmunmap(root, pages_up(newsz), (pages_up(oldsz) - pages_up(newsz)) // PGSIZE, True)
        return newsz

    def sbrk(self, root: Table, sz: int, n: int, how: int, limit: int = TRAPFRAME) -> tuple[int, int]:
        """(what the call returns, the size then). `n` is a C int; `limit` is where the first area begins."""
        if n < 0:
            if -n > sz:
                return (sz if self.policies.shrink == "wrap" else -1), sz
            return sz, self.uvmdealloc(root, sz, sz + n)
        if sz + n > limit:
            return -1, sz
        if self.policies.sbrk == "lazy" or (self.policies.sbrk == "call" and how != 1):
            return sz, sz + n
        if n > 0:
            grown = self.uvmalloc(root, sz, sz + n, W)
            return (sz, grown) if grown else (-1, sz)
        return sz, sz

    # -- fork -------------------------

    def uvmcopy(self, old: Table, new: Table, sz: int) -> int:
        if self.copy_range(old, new, 0, pages_up(sz)) < 0:
            return -1
        self.protect_range(old, 0, pages_up(sz))
        return 0

    def copy_range(self, old: Table, new: Table, first: int, end: int) -> int:
        pages = [(va, leaf) for va, leaf in old.leaves() if first <= va < end]
        if self.policies.absent == "panic" and len(pages) != (end - first) // PGSIZE:
            raise ReferencePanicError("uvmcopy: page not present")
        done = first
        for va, leaf in pages:
            if (self._share if self.policies.fork == "cow" else self._copy)(new, va, leaf) < 0:
                self.uvmunmap(new, first, (done - first) // PGSIZE, True)
                return -1
            done = va + PGSIZE
        return 0

    def protect_range(self, old: Table, first: int, end: int) -> None:
        for va, leaf in old.leaves() if self.policies.fork == "cow" else ():
            if first <= va < end and leaf.flags & W:
                leaf.flags = leaf.flags & ~W | COW

    def _copy(self, new: Table, va: int, leaf: Leaf) -> int:
        frame = self.allocator.kalloc()
        if not frame:
            return -1
        self.allocator.bytes[frame] = bytearray(self.allocator.bytes[leaf.frame])
        if self.map(new, va, frame, leaf.flags) < 0:
            self.allocator.kfree(frame)
            return -1
        return 0

    def _share(self, new: Table, va: int, leaf: Leaf) -> int:
        return self.map(new, va, leaf.frame, leaf.flags & ~W | COW if leaf.flags & W else leaf.flags)

    # -- faults -------------------------

    def vmfault(self, root: Table, sz: int, va: int) -> int:
        """The frame that now backs `va`, or 0."""
        if va >= sz or root.find(va) is not None:
            return 0
        frame = self.allocator.kalloc()
        if not frame:
            return 0
        self.allocator.zero(frame)
        if self.map(root, va // PGSIZE * PGSIZE, frame, R | W | U) < 0:
            self.allocator.kfree(frame)
            return 0
        return frame

    def cowfault(self, root: Table, va: int) -> int:
        leaf = root.find(va)
        if leaf is None or not leaf.flags & U:
            return -1
        if leaf.flags & W:
            return 0
        if not leaf.flags & COW:
            return -1
        if self.references[leaf.frame] > 1:
            frame = self.allocator.kalloc()
            if not frame:
                return -1
            self.allocator.bytes[frame] = bytearray(self.allocator.bytes[leaf.frame])
            self.references[leaf.frame] -= 1
            self.references[frame] += 1
            leaf.frame = frame
        leaf.flags = leaf.flags & ~COW | W
        return 0

    def access(self, root: Table, sz: int, va: int, store: bool) -> Leaf | None:
        """The page that a user's load or store reaches, after usertrap's repairs; None when it faults."""
        leaf = root.find(va) if va < MAXVA else None
        if leaf is None or not leaf.flags & U or (store and not leaf.flags & W):
            if store and self.policies.fork == "cow" and self.cowfault(root, va) == 0:
                return root.find(va)
            if self.policies.sbrk == "eager" or not self.vmfault(root, sz, va):
                return None
            leaf = root.find(va)
        return leaf

    def copyout(self, root: Table, sz: int, va: int, data: bytes) -> int:
        """The kernel's own way to user memory: absent pages are faulted in, shared ones copied."""
        while data:
            if va >= MAXVA:
                return -1
            leaf = root.find(va)
            if leaf is None or not leaf.flags & U:
                # It asks for the page, which may begin below sz when va does not.
                if not self.vmfault(root, sz, va - va % PGSIZE):
                    return -1
                leaf = root.find(va)
                assert leaf is not None
            if not leaf.flags & W and (self.policies.fork != "cow" or self.cowfault(root, va) < 0):
                return -1
            offset = va % PGSIZE
            piece = data[: PGSIZE - offset]
            self.allocator.bytes[leaf.frame][offset : offset + len(piece)] = piece
            va, data = va + len(piece), data[len(piece) :]
        return 0
