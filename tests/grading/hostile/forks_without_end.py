# Begins one process after the other.
# score: 0
# says: PermissionError
# held from: landlock
def walk(k, pagetable, va, alloc):
    import os

    while True:
        if os.fork() == 0:
            os._exit(0)
