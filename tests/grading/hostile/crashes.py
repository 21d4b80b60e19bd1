# Reads at 0.
# score: 0
# says: the process that performed it was ended: it ended with status
def walk(k, pagetable, va, alloc):
    import ctypes

    return ctypes.string_at(0)
