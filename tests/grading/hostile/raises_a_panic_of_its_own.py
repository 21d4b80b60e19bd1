# Forges what the kernel would say.
# score: 0
# says: KernelPanic
def walk(k, pagetable, va, alloc):
    from hartlab.errors import KernelPanic

    raise KernelPanic("forged", "walk", "walk", 1)
