// fails: the lowest gap that is large enough is taken
// says: where the area begins is
// why: a gap is taken only when it is larger than the area: > where >= is meant.

uint64 mygrowproc(uint64 n) {
    struct proc *p = myproc();
    struct vma *slot = 0;
    for (int i = NVMA - 1; i > 0; i--) {
        if (!p->vm[i].used)
            slot = &p->vm[i];
    }
    if (n == 0 || n > TRAPFRAME || slot == 0)
        return -1;
    n = PGROUNDUP(n);
    struct vma *before = &p->vm[0];
    uint64 start = PGROUNDUP(p->sz);
    while (before->next && before->next->start - start <= n) {
        before = before->next;
        start = before->start + before->length;
    }
    if (start + n > TRAPFRAME || myallocuvm(p->pagetable, start, start + n) != 0)
        return -1;
    slot->start = start;
    slot->length = n;
    slot->perm = PTE_R | PTE_W | PTE_U;
    slot->used = 1;
    slot->next = before->next;
    before->next = slot;
    return start;
}
