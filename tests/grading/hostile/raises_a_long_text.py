# Has an exception of 100 MB.
# score: 0
# says: xxxxxxxxxx
def walk(k, pagetable, va, alloc):
    raise ValueError("x" * 100_000_000)
