# Waits until the lecturer gives up.
# score: 0
# says: PermissionError
# held from: landlock
def walk(k, pagetable, va, alloc):
    import time

    time.sleep(1e8)
    return 0
