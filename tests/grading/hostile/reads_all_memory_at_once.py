# Asks for more than a message holds.
# score: 0
# says: walk, which is replaced
def walk(k, pagetable, va, alloc):
    return len(k.read(0x8000_0000, 1 << 21))
