// fails: growing forgets nothing
// says: has lost
// why: pages that come leave nothing stale behind: the fence is for those that go.

int growproc(int n) {
    struct proc *p = myproc();
    uint64 sz = p->sz, wanted = sz + n;
    if (n > 0) {
        if (wanted > TRAPFRAME || (sz = uvmalloc(p->pagetable, sz, wanted, PTE_W)) == 0)
            return -1;
    } else if (n < 0) {
        sz = uvmdealloc(p->pagetable, sz, wanted);
    }
    p->sz = sz;
    sfence_vma_asid(p->asid);
    return 0;
}
