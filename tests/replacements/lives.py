"""How processes come and go, in Python: boot's part of proc.cpp, fork.cpp and exit of exit.cpp."""

from __future__ import annotations

from typing import Any

from replacements.processes import areas, clear_areas, slots
from replacements.user_memory import present

TRAPFRAME_SIZE = 288  # the words that xv6 knows; behind them are the floating-point registers
FD_DEVICE, CONSOLE = 3, 1


def procinit(k: Any) -> None:
    data = k.data
    k.proc_mapstacks(data.kernel_pagetable)
    k.kvminithart()
    for slot, p in enumerate(slots(k)):
        p.state = k.UNUSED
        p.kstack = k.KSTACK(slot)
    data.nextpid = 1
    data.next_tick = k.time + k.timer_interval


def allocproc(k: Any) -> int:
    unused = [slot for slot, p in enumerate(slots(k)) if p.state == k.UNUSED]
    if not unused:
        k.fail("allocproc: no slot")
        return 0
    slot = unused[0]
    p = k.proc(k.data.address_of("proc", slot))
    k.acquire(p.lock.address)
    p.pid = k.allocpid()
    p.state = k.USED
    clear_areas(k, p)
    p.born = k.instret
    p.asid = slot + 1 if k.policies["asid"] == "on" else 0

    p.trapframe = k.kalloc()
    if p.trapframe:
        k.memset(p.trapframe + TRAPFRAME_SIZE, 0, k.PGSIZE - TRAPFRAME_SIZE)
        p.pagetable = k.proc_pagetable(p.address)
    if not p.pagetable:
        k.freeproc(p.address)
        k.release(p.lock.address)
        k.fail("allocproc: no memory")
        return 0
    k.memset(p.context.address, 0, 14 * 8)
    p.context.ra = k.FORKRET
    p.context.sp = p.kstack + k.PGSIZE
    return int(p.address)


def userinit(k: Any) -> None:
    address = k.allocproc()
    if not address:
        k.panic("userinit")
    k.data.initproc = address
    p = k.proc(address)
    first = k.uvminit if k.policies["first"] == "uvminit" else k.uvmfirst
    first(p.pagetable, k.data.address_of("initcode"), 52)
    p.sz = k.PGSIZE
    frame = k.struct("trapframe", p.trapframe)
    frame.epc = 0
    frame.sp = k.PGSIZE
    k.write(p.address_of("name"), b"initcode".ljust(16, b"\0"))
    p.cwd = k.namei(b"/")

    f = k.struct("file", k.filealloc())
    f.type, f.major = FD_DEVICE, CONSOLE
    f.readable = f.writable = 1
    f.ip = k.namei(b"console")
    for fd in range(3):
        p.set("ofile", f.address if fd == 0 else k.filedup(f.address), fd)
    p.state = k.RUNNABLE
    k.release(p.lock.address)


def copy_page(k: Any, new: int, va: int, pte: int) -> bool:
    """Map a copy of the page in another table, or with fork="cow" the page itself."""
    frame, flags = k.PTE2PA(pte), k.PTE_FLAGS(pte)
    if k.policies["fork"] == "cow":
        if flags & k.PTE_W:
            flags = flags & ~k.PTE_W | k.PTE_COW
        return bool(k.mappages(new, va, k.PGSIZE, frame, flags) == 0)
    page = k.kalloc()
    if not page:
        return False
    k.memmove(page, frame, k.PGSIZE)
    if k.mappages(new, va, k.PGSIZE, page, flags) != 0:
        k.kfree(page)
        return False
    return True


def copy_pages(k: Any, old: int, new: int, start: int, end: int) -> bool:
    for va, _, pte in list(present(k, old, start, end)):
        if not copy_page(k, new, va, pte):
            k.uvmunmap(new, start, (va - start) // k.PGSIZE, True)
            return False
    return True


def protect_areas(k: Any, p: Any) -> None:
    """The parent's half of sharing, once nothing can fail any more."""
    for area in areas(k, p):
        for _, address, pte in present(k, p.pagetable, area.start, area.start + area.length):
            if pte & k.PTE_W:
                k.store64(address, pte & ~k.PTE_W | k.PTE_COW)
    k.sfence_vma()


def copy_areas(k: Any, p: Any, np: Any) -> bool:
    """Give a child its parent's areas, in the same slots of vm[]."""
    np.vm(0).start = p.vm(0).start
    last = np.vm(0)
    for area in areas(k, p):
        end = area.start + area.length
        if not copy_pages(k, p.pagetable, np.pagetable, area.start, end):
            return False
        copy = k.struct("vma", area.address - p.address + np.address)
        for field in ("start", "length", "perm", "used"):
            setattr(copy, field, getattr(area, field))
        copy.next = 0
        last.next = copy.address
        last = copy
    return True


def fork(k: Any) -> int:
    p = k.myproc()
    child = k.allocproc()
    if not child:
        return -1
    np = k.proc(child)
    if not copy_areas(k, p, np) or k.uvmcopy(p.pagetable, np.pagetable, p.sz) != 0:
        k.freeproc(child)
        k.release(np.lock.address)
        return int(k.fail("fork: no memory"))
    if k.policies["fork"] == "cow" and p.vm(0).next:
        protect_areas(k, p)
    np.sz = p.sz

    k.memmove(np.trapframe, p.trapframe, k.PGSIZE)
    k.struct("trapframe", np.trapframe).a0 = 0
    for fd in range(k.NOFILE):
        if p.ofile(fd):
            np.set("ofile", k.filedup(p.ofile(fd)), fd)
    np.cwd = k.idup(p.cwd) if p.cwd else 0
    k.memmove(np.address_of("name"), p.address_of("name"), 16)

    pid: int = np.pid
    k.release(np.lock.address)
    k.acquire(k.data.wait_lock.address)
    np.parent = p.address
    k.release(k.data.wait_lock.address)
    k.acquire(np.lock.address)
    np.state = k.RUNNABLE
    k.release(np.lock.address)
    return pid


def exit(k: Any, status: int) -> None:
    p = k.myproc()
    if p.address == k.data.initproc:
        k.panic("init exiting")
    for fd in range(k.NOFILE):
        if p.ofile(fd):
            k.fileclose(p.ofile(fd))
            p.set("ofile", 0, fd)
    if p.cwd:
        k.iput(p.cwd)
    p.cwd = 0

    k.acquire(k.data.wait_lock.address)
    k.reparent(p.address)
    k.wakeup(p.parent)
    k.acquire(p.lock.address)
    p.xstate = status
    p.state = k.ZOMBIE
    k.release(k.data.wait_lock.address)
    k.release(p.lock.address)


FUNCTIONS = {
    "procinit": procinit,
    "allocproc": allocproc,
    "userinit": userinit,
    "fork": fork,
    "exit": exit,
}
