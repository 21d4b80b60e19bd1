"""Missing fences: three functions that change page tables, and tell the TLB nothing.

    k.sfence_vma(va, asid)      forgets one page of one address space
    k.sfence_vma(va)            forgets one page, of every address space
    k.sfence_vma(None, asid)    forgets an address space
    k.sfence_vma()              forgets everything

A process's identifier is p.asid: the number of its slot in proc[], and one. Which function needs which fence,
and when? Look, before you guess:

    kernel = lab.kernel()
    kernel.replace("shrinkproc", shrinkproc)
    kernel.hart.stale_check = True
    ... run a program ...
    kernel.hart.stale_uses()
"""


def shrinkproc(k, n):
    """Take n bytes off the current process's memory. 0; -1 when there are not so many."""
    p = k.myproc()
    if n > p.sz:
        return -1
    p.sz = k.uvmdealloc(p.pagetable, p.sz, p.sz - n)
    return 0


def growproc(k, n):
    """Grow the current process's memory by n bytes, or take -n off it, as older editions of xv6 do.

    0; -1 without memory.
    """
    p = k.myproc()
    size = p.sz
    if n > 0:
        if size + n > k.TRAPFRAME:
            return -1
        size = k.uvmalloc(p.pagetable, size, size + n, k.PTE_W)
        if not size:
            return -1
    elif n < 0:
        size = k.uvmdealloc(p.pagetable, size, size + n)
    p.sz = size
    return 0


def freeproc(k, address):
    """Give back what a process holds, and its slot of proc[] for the next one."""
    p = k.proc(address)
    if p.trapframe:
        k.kfree(p.trapframe)
    p.trapframe = 0
    if p.pagetable:
        following = p.vm(0).next
        while following:
            area = k.struct("vma", following)
            k.mydeallocuvm(p.pagetable, area.start, area.start + area.length)
            following = area.next
        k.proc_freepagetable(p.pagetable, p.sz)
    p.pagetable = 0
    for field in ("sz", "pid", "parent", "chan", "killed", "xstate", "restart", "deadline", "done", "born"):
        setattr(p, field, 0)
    k.memset(p.address_of("name"), 0, 16)
    k.memset(p.address_of("vm"), 0, k.NVMA * (p.vm(1).address - p.vm(0).address))
    p.asid = 0
    p.state = k.UNUSED
