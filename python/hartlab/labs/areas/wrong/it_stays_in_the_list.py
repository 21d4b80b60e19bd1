# fails: an area is given back whole
# says: the list of areas is
# why: the pages are freed, but the area is still listed: nobody can have its addresses again.


def myreduceproc(k, start):
    p = k.myproc()
    following = p.vm(0).next
    while following:
        area = k.struct("vma", following)
        if area.start == start:
            k.mydeallocuvm(p.pagetable, start, start + area.length)
            area.used = 0
            return 0
        following = area.next
    return -1
