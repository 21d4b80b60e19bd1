# Asks the referee for ever, whatever it answers.
# score: 0
# says: uses of k in one check were not enough
def walk(k, pagetable, va, alloc):
    while True:
        try:
            k.load64(pagetable)
        except Exception:
            alloc = not alloc
