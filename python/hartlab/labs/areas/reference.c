// Areas with holes, in C.

static int in_use(struct proc *p, struct vma *slot) {
    for (struct vma *area = p->vm[0].next; area; area = area->next) {
        if (area == slot)
            return 1;
    }
    return 0;
}

static struct vma *free_slot(struct proc *p) {
    for (int i = 1; i < NVMA; i++) {
        if (!in_use(p, &p->vm[i]))
            return &p->vm[i];
    }
    return 0;
}

uint64 mygrowproc(uint64 n) {
    struct proc *p = myproc();
    struct vma *slot = free_slot(p);
    if (n == 0 || n > TRAPFRAME || slot == 0)
        return -1;
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

int myreduceproc(uint64 start) {
    struct proc *p = myproc();
    for (struct vma *before = &p->vm[0]; before->next; before = before->next) {
        struct vma *area = before->next;
        if (area->start != start)
            continue;
        mydeallocuvm(p->pagetable, start, start + area->length);
        before->next = area->next;
        memset(area, 0, sizeof(*area));
        if (p->asid)
            sfence_vma_asid(p->asid);
        return 0;
    }
    return -1;
}
