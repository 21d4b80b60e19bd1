# Nests what the interpreter compares by recursion, with the limit taken away.
# score: 0
# says: walk
def walk(k, pagetable, va, alloc):
    import sys

    sys.setrecursionlimit(1 << 30)
    return walk(k, pagetable, va, alloc)
