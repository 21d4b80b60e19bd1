# Never returns from one line.
# score: 0
# says: it used up its time
def walk(k, pagetable, va, alloc):
    return sum(range(1 << 62))
