# Does it at the same time elsewhere.
# score: 0
# says: can't start new thread
# held from: landlock
def walk(k, pagetable, va, alloc):
    import threading

    threading.Thread(target=print).start()
    return 0
