"""Wrong functions that concern processes, and mistakes of Python's own kind."""

from __future__ import annotations

from typing import Any

from replacements.processes import slots
from replacements.wrong.cases import (
    end,
    end_for_sleeper,
    fork,
    fork_in_little_work,
    grow,
    kill_sleeper,
    run,
    shrink_much,
    wrong,
)


@wrong("allocpid", fork, "audit", "process: .*has the pid of another process, 2")
def allocpid_repeats(k: Any) -> int:
    """A pid is given twice."""
    return 2


@wrong("proc_pagetable", fork, "audit", "trapframe: the trapframe page of process 3")
def proc_pagetable_open(k: Any, address: int) -> int:
    """The user can write to its trapframe."""
    pagetable = int(k.native.proc_pagetable(address))
    pte = k.walk(pagetable, k.TRAPFRAME, False)
    k.store64(pte, k.load64(pte) | k.PTE_U)
    return pagetable


@wrong("proc_pagetable", fork, "audit", "trampoline: the trampoline page of process 3 is not mapped")
def proc_pagetable_closed(k: Any, address: int) -> int:
    """The trampoline is forgotten."""
    pagetable: int = k.uvmcreate()
    k.mappages(pagetable, k.TRAPFRAME, k.PGSIZE, k.proc(address).trapframe, k.PTE_R | k.PTE_W)
    return pagetable


@wrong("proc_freepagetable", end, "panic", "freewalk: leaf")
def proc_freepagetable_keeps(k: Any, pagetable: int, sz: int) -> None:
    """The trapframe is still mapped when the table is freed."""
    k.uvmunmap(pagetable, k.TRAMPOLINE, 1, False)
    k.uvmfree(pagetable, sz)


@wrong("proc_freepagetable", end, "audit", "free_list: the free list breaks after .*: cycle")
def proc_freepagetable_frees(k: Any, pagetable: int, sz: int) -> None:
    """The trampoline, which everybody uses, and the trapframe are freed with the table."""
    k.uvmunmap(pagetable, k.TRAMPOLINE, 1, False)
    k.uvmunmap(pagetable, k.TRAPFRAME, 1, True)
    k.uvmfree(pagetable, sz)


@wrong("freeproc", end, "audit", "lost_frame: frame 0x[0-9a-f]+ is lost")
def freeproc_leaks(k: Any, address: int) -> None:
    """The trapframe is not freed."""
    p = k.proc(address)
    p.trapframe = 0
    k.native.freeproc(address)


@wrong("freeproc", end, "audit", "process: .*is unused and still has a page table")
def freeproc_dangles(k: Any, address: int) -> None:
    """The pointer to the page table outlives it."""
    p = k.proc(address)
    pagetable = p.pagetable
    k.native.freeproc(address)
    p.pagetable = pagetable


@wrong("growproc", grow, "audit", "beyond_size: process 2 has a page mapped")
def growproc_forgets(k: Any, n: int) -> int:
    """The new size is not noted."""
    p = k.myproc()
    return 0 if k.uvmalloc(p.pagetable, p.sz, p.sz + n, k.PTE_W) else -1


@wrong("growproc", grow, "seam", r"KeyError: 8192\n.*processes.py:\d+: return answers\[n\]")
def growproc_raises(k: Any, n: int) -> int:
    """An exception of Python."""
    answers: dict[int, int] = {}
    return answers[n]


@wrong("growproc", grow, "seam", "AttributeError: struct proc has no field 'size'")
def growproc_misspells(k: Any, n: int) -> int:
    """A field that the struct does not have."""
    return int(k.myproc().size + n)


@wrong("growproc", grow, "seam", "returned 'no memory'")
def growproc_speaks(k: Any, n: int) -> Any:
    """A text is returned."""
    return "no memory"


@wrong("fork", fork_in_little_work, "panic", "seam: work.*fork.*a loop without end")
def fork_loops(k: Any) -> int:
    """A loop without end."""
    while k.myproc().sz:
        pass
    return 0


@wrong("growproc", grow, "result", "-1 instead of ")
def growproc_refuses(k: Any, n: int) -> int:
    """The wrong result: a failure although nothing failed."""
    return -1


@wrong("shrinkproc", shrink_much, "tlb", "the TLB translates 0x3000 .* not at all", asid="on")
def shrinkproc_unfenced(k: Any, n: int) -> int:
    """Pages are unmapped without a fence."""
    p = k.myproc()
    p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
    return 0


@wrong("fork", fork, "audit", r"file: file\[0\] has a count of ")
def fork_copies_files(k: Any) -> int:
    """Open files are copied without filedup."""
    pid = int(k.native.fork())
    for p in slots(k):
        if p.pid == pid:
            for fd in range(3):
                f = k.struct("file", p.ofile(fd))
                f.ref -= 1
    return pid


@wrong("kill", kill_sleeper, "diff", "process 3: state RUNNABLE to SLEEPING")
def kill_lets_sleep(k: Any, pid: int) -> int:
    """A process that sleeps is not woken to be killed."""
    for p in slots(k):
        if p.pid == pid:
            p.killed = 1
            return 0
    return -1


@wrong("wakeup", end_for_sleeper, "diff", "process 3: state RUNNABLE to SLEEPING")
def wakeup_misses(k: Any, chan: int) -> None:
    """The process itself is taken for what it sleeps on."""
    p = k.proc(chan)
    if p.state == k.SLEEPING and p.chan == k.myproc().address:
        p.state = k.RUNNABLE


@wrong("pick_next", run, "panic", "in scheduler, .*0x1 is no element of proc")
def pick_next_counts(k: Any) -> int:
    """A number in proc[] is returned, where a pointer is expected."""
    for number, p in enumerate(slots(k)):
        if p.state == k.RUNNABLE:
            return number
    return 0
