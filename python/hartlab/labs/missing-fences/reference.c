// Missing fences, in C: each where the page table has just changed.

// Takes n bytes off the current process's memory. 0; -1 when there are not so many.
int shrinkproc(int n) {
    struct proc *p = myproc();
    if ((uint)n > p->sz)
        return -1;
    p->sz = uvmdealloc(p->pagetable, p->sz, p->sz - (uint)n);
    sfence_vma_asid(p->asid);
    return 0;
}

// Grows the current process's memory by n bytes, or takes -n off it, as older editions of xv6 do. 0; -1 without memory.
int growproc(int n) {
    struct proc *p = myproc();
    uint64 sz = p->sz, wanted = sz + n;
    if (n > 0) {
        if (wanted > TRAPFRAME || (sz = uvmalloc(p->pagetable, sz, wanted, PTE_W)) == 0)
            return -1;
    } else if (n < 0) {
        sz = uvmdealloc(p->pagetable, sz, wanted);
        sfence_vma_asid(p->asid);
    }
    p->sz = sz;
    return 0;
}

// Gives back what a process holds, and its slot of proc[] for the next one.
void freeproc(struct proc *p) {
    if (p->trapframe)
        kfree(p->trapframe);
    p->trapframe = 0;
    if (p->pagetable) {
        for (struct vma *area = p->vm[0].next; area; area = area->next)
            mydeallocuvm(p->pagetable, area->start, area->start + area->length);
        proc_freepagetable(p->pagetable, p->sz);
    }
    p->pagetable = 0;
    sfence_vma_asid(p->asid); // the next process in this slot has the same identifier
    p->sz = p->pid = 0;
    p->parent = 0;
    p->chan = 0;
    p->killed = p->xstate = 0;
    p->restart = p->deadline = p->done = p->born = 0;
    memset(p->name, 0, sizeof(p->name));
    memset(p->vm, 0, sizeof(p->vm));
    p->asid = 0;
    p->state = UNUSED;
}
