# Never returns.
# score: 0
# says: lines of Python were not enough (a loop without end?)
def walk(k, pagetable, va, alloc):
    while True:
        pass
