# Has the engine do the work, by another door.
# score: 0
# says: k has no such thing
def walk(k, pagetable, va, alloc):
    return k._engine.native_walk(pagetable, va, alloc)
