# Has the compiler compute a huge constant.
# score: 0
# says: walk, which is replaced
# slow: yes
def walk(k, pagetable, va, alloc):
    return (((1 << 1000) ** 1000) ** 1000) ** 1000
