# Catches everything, for ever.
# score: 0
# says: it used up its time
# slow: yes
def walk(k, pagetable, va, alloc):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
