# Asks for a terabyte.
# score: 0
# says: MemoryError
def walk(k, pagetable, va, alloc):
    return len(bytearray(1 << 40))
