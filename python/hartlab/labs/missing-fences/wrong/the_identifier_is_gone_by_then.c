// fails: the next process starts without translations
// says: are left in the TLB
// why: p->asid has been cleared when the fence comes, which so forgets address space 0.

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
    p->sz = p->pid = 0;
    p->parent = 0;
    p->chan = 0;
    p->killed = p->xstate = 0;
    p->restart = p->deadline = p->done = p->born = 0;
    memset(p->name, 0, sizeof(p->name));
    memset(p->vm, 0, sizeof(p->vm));
    p->asid = 0;
    sfence_vma_asid(p->asid);
    p->state = UNUSED;
}
