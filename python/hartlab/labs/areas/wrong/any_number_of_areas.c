// fails: mygrowproc refuses what cannot be
// says: the tenth myalloc is 0x
// why: when no slot is free the search goes on behind vm[9], into whatever follows it in struct proc.

uint64 mygrowproc(uint64 n) {
    struct proc *p = myproc();
    if (n == 0 || n > TRAPFRAME)
        return -1;
    struct vma *slot = &p->vm[1];
    while (slot->used)
        slot++;
    n = PGROUNDUP(n);
    struct vma *before = &p->vm[0];
    uint64 start = PGROUNDUP(p->sz);
    while (before->next && before->next->start - start < n) {
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
