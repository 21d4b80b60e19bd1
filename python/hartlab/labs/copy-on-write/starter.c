// Copy-on-write fork.
//
// A frame's reference count is the number of user mappings of it, in all page tables: mappages adds one. A page that was
// writable before fork shared it has PTE_COW and no PTE_W, in parent and child.

// The reference count of a frame, after adding change to it.
static int references(uint64 pa, int change) { return reference_counts[(pa - KERNBASE) / PGSIZE] += change; }

// Whether a mapping of pa at va is one of a user's page, in RAM: the trapframe and the trampoline are not.
static int is_counted(uint64 va, uint64 pa) { return va < TRAPFRAME && pa >= KERNBASE && pa < PHYSTOP; }

// Shares what the table old maps below sz with the table new, which is empty. A page that is absent is absent in the new
// table too. A writable page loses PTE_W and gets PTE_COW in both tables; other pages keep their flags. 0; or -1 when
// mappages finds no memory, and then the new table maps nothing and the old one is as it was. The hart may hold the old
// translations: sfence_vma().
int uvmcopy(pagetable_t old, pagetable_t new, uint64 sz) {
    panic("uvmcopy: to be written");
}

// Makes the page of va the process's own, after a store to it has faulted. With other owners the process gets a copy, and
// one mapping of the old frame is gone; the last owner keeps the frame. Either way the page has PTE_W again and no PTE_COW,
// and sfence_vma_va(va) forgets the old translation. 0; -1 for a page that fork did not share (no PTE_COW, not the user's,
// not there, va at MAXVA or above), and without memory.
int cowfault(pagetable_t pagetable, uint64 va) {
    panic("cowfault: to be written");
}

// Copies len bytes from kernel memory at source to user memory at dstva, page by page. walkaddr(pagetable, va) is the frame
// of a user page; when there is none, vmfault(pagetable, va, 0) may provide it (0: it does not). A shared page becomes the
// process's own first: cowfault. 0; -1 at the first page that the user may not write.
int copyout(pagetable_t pagetable, uint64 dstva, char *source, uint64 len) {
    panic("copyout: to be written");
}

// Removes npages mappings from va on; those that are absent are skipped. The frame's count goes down by one; with do_free,
// a frame that nobody maps any more is freed. Where va is not page-aligned: panic("uvmunmap: not aligned").
void uvmunmap(pagetable_t pagetable, uint64 va, uint64 npages, int do_free) {
    panic("uvmunmap: to be written");
}
