# fails: freeproc's fence spares other address spaces
# says: has lost
# why: one process has ended, and every other starts with an empty TLB.


def freeproc(k, address):
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
    k.sfence_vma()
    for field in ("sz", "pid", "parent", "chan", "killed", "xstate", "restart", "deadline", "done", "born"):
        setattr(p, field, 0)
    k.memset(p.address_of("name"), 0, 16)
    k.memset(p.address_of("vm"), 0, k.NVMA * (p.vm(1).address - p.vm(0).address))
    p.asid = 0
    p.state = k.UNUSED
