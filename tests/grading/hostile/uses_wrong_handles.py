# Passes addresses that there are not.
# score: 0
# says: which is not in RAM
def walk(k, pagetable, va, alloc):
    return k.struct("proc", -1).sz + k.load64(1 << 70)
