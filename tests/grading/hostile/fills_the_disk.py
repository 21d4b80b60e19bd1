# Writes a file without end.
# score: 0
# says: Error
def walk(k, pagetable, va, alloc):
    with open("/tmp/hartlab-hostile", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
