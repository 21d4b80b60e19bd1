// fails: a frame is freed by its last owner
// says: with pid 2, pid 3 has died
// why: with do_free the frame is freed whoever else maps it.

void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    if (va % PGSIZE != 0)
        panic("uvmunmap: not aligned");
    for (uint64 a = va; a < va + npages * PGSIZE; a += PGSIZE) {
        pte_t *pte = walk(pagetable, a, 0);
        if (pte == 0 || (*pte & PTE_V) == 0)
            continue;
        uint64 frame = PTE2PA(*pte);
        *pte = 0;
        if (a < TRAPFRAME && frame >= KERNBASE && frame < PHYSTOP)
            reference_counts[(frame - KERNBASE) / PGSIZE] -= 1;
        if (do_free)
            kfree((void *)frame);
    }
}
