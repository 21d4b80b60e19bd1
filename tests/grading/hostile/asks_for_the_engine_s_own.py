# Has the engine do the work.
# score: 0
# says: k.native is not there in a lab
def walk(k, pagetable, va, alloc):
    return k.native.walk(pagetable, va, alloc)
