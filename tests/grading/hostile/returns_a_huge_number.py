# Returns a number of a million bits.
# score: 0
# says: walk, which is replaced
def walk(k, pagetable, va, alloc):
    return 1 << 1_000_000
