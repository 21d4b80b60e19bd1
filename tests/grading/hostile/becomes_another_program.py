# Replaces itself by a program.
# score: 0
# says: Error
# held from: landlock
def walk(k, pagetable, va, alloc):
    import os

    os.execv("/bin/echo", ["echo", "20"])
