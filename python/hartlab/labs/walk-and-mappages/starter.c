// walk and mappages: the two functions through which the kernel makes every mapping.
// kernel.h is included for you: pte_t, PX, PA2PTE, PTE2PA, kalloc, memset, panic.

// The PTE for va. Three levels: the entry PX(2, va) of the root leads to a table, whose entry PX(1, va) leads to
// another, whose entry PX(0, va) is the one. With alloc, a table that is missing on the way is made, zeroed. 0 when one
// is missing, or there is no memory for it. At MAXVA and above: panic("walk").
pte_t *walk(pagetable_t pagetable, uint64 va, int alloc) {
    panic("walk: to be written");
}

// Notes that a mapping has come (change 1) or gone (-1). Mappings of the kernel's own are not counted.
static void count(pagetable_t pagetable, uint64 va, uint64 pa, int change) {
    if (va < TRAPFRAME && pa >= KERNBASE && pa < PHYSTOP && pagetable != kernel_pagetable)
        reference_counts[(pa - KERNBASE) / PGSIZE] += change;
}

// Maps size bytes from va on to the frames from pa on, with PTE_V and the bits of perm. va and size are multiples of
// PGSIZE. An entry that is valid already: panic("mappages: remap"). When walk finds no memory, -1, and the entries that
// were made are cleared again; else 0. Call count for each entry made or cleared.
int mappages(pagetable_t pagetable, uint64 va, uint64 size, uint64 pa, uint64 perm) {
    panic("mappages: to be written");
}
