"""proc.cpp, exit.cpp, sleep.cpp and scheduler.cpp in Python.

Who makes, copies and ends a process is in lives.py.
"""

from __future__ import annotations

from typing import Any

OURS = ("restart", "asid", "deadline", "done", "born")  # fields that xv6's struct proc does not have


def slots(k: Any) -> Any:
    return (k.proc(k.data.address_of("proc", slot)) for slot in range(k.NPROC))


def areas(k: Any, p: Any) -> Any:
    """The areas of a process, in the order of addresses."""
    following = p.vm(0).next
    while following:
        area = k.struct("vma", following)
        yield area
        following = area.next


def clear_areas(k: Any, p: Any) -> None:
    k.memset(p.vm(0).address, 0, p.address_of("restart") - p.vm(0).address)


def drop_areas(k: Any, p: Any, pagetable: int) -> None:
    """Free the areas of a process, and empty its list."""
    for area in areas(k, p):
        k.mydeallocuvm(pagetable, area.start, area.start + area.length)
    clear_areas(k, p)


def allocpid(k: Any) -> int:
    data = k.data
    k.acquire(data.pid_lock.address)
    pid: int = data.nextpid
    data.nextpid = pid + 1 if 0 < pid < 2**31 - 1 else 1
    k.release(data.pid_lock.address)
    return pid


def proc_pagetable(k: Any, address: int) -> int:
    pagetable: int = k.uvmcreate()
    if not pagetable:
        return 0
    if k.mappages(pagetable, k.TRAMPOLINE, k.PGSIZE, k.TRAMPOLINE_PAGE, k.PTE_R | k.PTE_X) < 0:
        k.uvmfree(pagetable, 0)
        return 0
    frame = k.proc(address).trapframe
    if k.mappages(pagetable, k.TRAPFRAME, k.PGSIZE, frame, k.PTE_R | k.PTE_W) < 0:
        k.uvmunmap(pagetable, k.TRAMPOLINE, 1, False)
        k.uvmfree(pagetable, 0)
        return 0
    return pagetable


def proc_freepagetable(k: Any, pagetable: int, sz: int) -> None:
    k.uvmunmap(pagetable, k.TRAMPOLINE, 1, False)
    k.uvmunmap(pagetable, k.TRAPFRAME, 1, False)
    k.uvmfree(pagetable, sz)


def freeproc(k: Any, address: int) -> None:
    p = k.proc(address)
    if p.trapframe:
        k.kfree(p.trapframe)
    p.trapframe = 0
    if p.pagetable:
        drop_areas(k, p, p.pagetable)
        k.proc_freepagetable(p.pagetable, p.sz)
    p.pagetable = 0
    if p.asid:
        k.sfence_vma(None, p.asid)
    for field in ("sz", "pid", "parent", "chan", "killed", "xstate", *OURS):
        setattr(p, field, 0)
    k.memset(p.address_of("name"), 0, 16)
    clear_areas(k, p)
    p.state = k.UNUSED


def reparent(k: Any, parent: int) -> None:
    init = k.data.initproc
    for p in slots(k):
        if p.parent == parent:
            p.parent = init
            k.wakeup(init)


def kill(k: Any, pid: int) -> int:
    for p in slots(k):
        if p.state != k.UNUSED and p.pid == pid:
            k.acquire(p.lock.address)
            p.killed = 1
            if p.state == k.SLEEPING:
                p.state = k.RUNNABLE
            k.release(p.lock.address)
            return 0
    return int(k.fail("kill: no such process"))


def wakeup(k: Any, chan: int) -> None:
    for p in slots(k):
        if p.state == k.SLEEPING and p.chan == chan:
            p.state = k.RUNNABLE


def pick_next(k: Any) -> int:
    everyone = list(slots(k))
    start = k.data.scheduler_next % k.NPROC
    for p in everyone[start:] + everyone[:start]:
        if p.state == k.RUNNABLE:
            return int(p.address)
    return 0


def procdump(k: Any) -> None:
    words = ("unused", "used  ", "sleep ", "runble", "run   ", "zombie")
    k.print("\n")
    for p in slots(k):
        if p.state == k.UNUSED:
            continue
        name = k.read(p.address_of("name"), 16).split(b"\0")[0].decode(errors="replace")
        k.print(f"pid: {p.pid}, state: {words[p.state]}, name: {name}\n")
        for area in areas(k, p):
            k.print(f"start: {area.start}, length: {area.length}\n")


FUNCTIONS = {
    "allocpid": allocpid,
    "proc_pagetable": proc_pagetable,
    "proc_freepagetable": proc_freepagetable,
    "freeproc": freeproc,
    "reparent": reparent,
    "kill": kill,
    "wakeup": wakeup,
    "pick_next": pick_next,
    "procdump": procdump,
}
