# Writes to what it was given of memory: a copy.
# score: 0
# says: is 0 and should be
def walk(k, pagetable, va, alloc):
    import ctypes

    view = bytearray(k.read(pagetable, 4096))
    (ctypes.c_char * 4096).from_buffer(view)[:] = b"\xff" * 4096
    ctypes.memset(id(view), 0, 1)
    return 0
