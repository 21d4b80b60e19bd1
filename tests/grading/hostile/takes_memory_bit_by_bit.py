# Asks for 16 MiB until there is no more.
# score: 0
# says: MemoryError
# slow: yes
def walk(k, pagetable, va, alloc):
    taken = []
    while True:
        taken.append(bytearray(1 << 24))
