# Computes a number that no memory holds.
# score: 0
# says: walk, which is replaced
# slow: yes
def walk(k, pagetable, va, alloc):
    return 10**10**10
