"""exec's stack, in Python."""

import struct


def uvmstack(k, pagetable, sz, npages):
    guard = k.PGROUNDUP(sz)
    size = k.uvmalloc(pagetable, guard, guard + (npages + 1) * k.PGSIZE, k.PTE_W)
    if size:
        k.uvmclear(pagetable, guard)
    return size


def string(k, pa):
    return k.read(pa, min(k.PGSIZE, k.phystop - pa)).split(b"\0")[0]


def pushargv(k, pagetable, sp, stackbase, argv):
    ustack = []
    while argument := k.load64(argv + 8 * len(ustack)):
        length = len(string(k, argument))
        sp = (sp - length - 1) // 16 * 16
        if len(ustack) == k.MAXARG or length >= k.PGSIZE or sp < stackbase:
            return 0
        if k.copyout(pagetable, sp, argument, length + 1) != 0:
            return 0
        ustack.append(sp)

    buffer = k.data.address_of("bio")
    words = struct.pack(f"<{len(ustack) + 1}Q", *ustack, 0)
    k.write(buffer, words)
    sp = (sp - len(words)) // 16 * 16
    if sp < stackbase or k.copyout(pagetable, sp, buffer, len(words)) != 0:
        return 0
    return sp
