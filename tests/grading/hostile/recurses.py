# Calls itself without end.
# score: 0
# says: RecursionError
def walk(k, pagetable, va, alloc):
    return walk(k, pagetable, va, alloc)
