# Takes its own function out of the kernel, so that the engine's is judged.
# score: 0
# says: k has no such thing
def walk(k, pagetable, va, alloc):
    return k._engine.restore_native("walk")
