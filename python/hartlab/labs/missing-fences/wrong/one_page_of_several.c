// fails: memory that sbrk has taken back is gone
// says: a load goes by a translation that the page table no longer has
// why: only the lowest of the pages is fenced, and there may be many.

int shrinkproc(int n) {
    struct proc *p = myproc();
    if ((uint)n > p->sz)
        return -1;
    p->sz = uvmdealloc(p->pagetable, p->sz, p->sz - (uint)n);
    sfence_vma_va(PGROUNDUP(p->sz));
    return 0;
}
