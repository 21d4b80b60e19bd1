// Sets satp to nothing.
// score: 0
// says: walk(root
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    w_satp(0);
    sfence_vma();
    return (pte_t *)*(volatile uint64 *)0x80000000;
    return 0;
}
