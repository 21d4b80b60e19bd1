# Has the kernel call it without end.
# score: 0
# says: nest deeper than
def walk(k, pagetable, va, alloc):
    return k.walk(pagetable, va, alloc)
