# Waits for itself.
# score: 0
# says: it waits for something that never comes
def walk(k, pagetable, va, alloc):
    import threading

    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
