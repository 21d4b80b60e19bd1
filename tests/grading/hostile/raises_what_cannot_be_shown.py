# Has an exception that does harm when it is read.
# score: 0
# says: which cannot be shown
def walk(k, pagetable, va, alloc):
    class Harm(Exception):
        def __str__(self):
            raise SystemExit

    raise Harm
