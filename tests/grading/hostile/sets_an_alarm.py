# Has itself interrupted when its time is over.
# score: 0
# says: it used up its time
# slow: yes
def walk(k, pagetable, va, alloc):
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CPU, (1 << 30, 1 << 30))
    except (OSError, ValueError):
        pass
    return sum(range(1 << 62))
