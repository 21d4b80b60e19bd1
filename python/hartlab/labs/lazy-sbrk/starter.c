// Lazy sbrk: pages that were granted and are not there yet.
//
// walk(pagetable, va, 0) is the PTE, or 0 where a page-table page is missing: then the page is absent as well.

// Maps a zeroed page, with PTE_R, PTE_W and PTE_U, where the current process has touched an absent one. The frame, or 0:
// when va is not below myproc()->sz, when its page is mapped already (ismapped), and when there is no memory for the page or
// for a page-table page, and then nothing is kept.
uint64 vmfault(pagetable_t pagetable, uint64 va, int read) {
    panic("vmfault: to be written");
}

// Notes that a user mapping has gone. The trapframe and the trampoline are not counted.
static void uncount(uint64 va, uint64 pa) {
    if (va < TRAPFRAME && pa >= KERNBASE && pa < PHYSTOP)
        reference_counts[(pa - KERNBASE) / PGSIZE] -= 1;
}

// Removes npages mappings from va on; absent ones are passed over. With do_free the frames are freed. Where va is not
// page-aligned: panic("uvmunmap: not aligned"). Call uncount for each mapping that is removed.
void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    panic("uvmunmap: to be written");
}

// Gives the table new, which is empty, copies of the pages that the table old maps below sz, flags included. Absent pages
// stay absent. 0; or -1 without memory, and then the new table maps nothing and no frame is lost.
int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    panic("uvmcopy: to be written");
}
