# Pretends that the lecturer has pressed Ctrl-C.
# score: 0
# says: KeyboardInterrupt
def walk(k, pagetable, va, alloc):
    raise KeyboardInterrupt
