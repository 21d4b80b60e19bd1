// A process's page table and the memory below its sz: made, grown, shrunk, freed. Copies for fork are in uvmcopy.cpp.
#include "kernel/cow.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kalloc.hpp"
#include "kernel/leaves.hpp"

namespace hartlab {

namespace {

/// Loads the first process's program at address 0 of its table. Boot has no one to report failure to.
void load_first_page(Kernel& kernel, const char* function, PhysAddr pagetable, PhysAddr source, std::uint64_t size) {
    const PhysAddr mem = kalloc_zeroed(kernel);
    if (!mem) kernel.panic("kerneltrap", function, 0, "no memory for the first page");
    if (kernel.mappages(pagetable, VirtAddr(0), PGSIZE, mem, PTE_W | PTE_R | PTE_X | PTE_U) != 0) {
        kernel.panic("kerneltrap", function, 0, "no memory for page-table pages");
    }
    kernel.copy(mem, source, size);
}

/// A page that the older uvmunmap insists on and that is not there.
[[noreturn]] void unmap_absent(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    const bool no_table = !kernel.walk(pagetable, va, false);
    kernel.panic(no_table ? "uvmunmap: walk" : "uvmunmap: not mapped", "uvmunmap", va.value,
                 in_hex(va) + " is not mapped");
}

/// freewalk on a table `depth` tables below the one it was called with.
void free_table(Kernel& kernel, PhysAddr table, int depth) {
    kernel.charge(1);
    for (std::uint64_t i = 0; i < PTES_PER_PAGE; ++i) {
        const PhysAddr pte_address = table + i * sizeof(std::uint64_t);
        const std::uint64_t pte = kernel.load<std::uint64_t>(pte_address);
        if (!(pte & PTE_V)) continue;
        if (pte_is_leaf(pte)) {
            kernel.panic("freewalk: leaf", "freewalk", pte_address.value,
                         "entry " + std::to_string(i) + " of " + in_hex(table) + " still maps a page: " + in_hex(pte));
        }
        if (depth + 1 == SV39_LEVELS) {
            kernel.panic("freewalk: leaf", "freewalk", pte_address.value,
                         "entry " + std::to_string(i) + " of " + in_hex(table) +
                             ", a table of the lowest level, points to one: " + in_hex(pte));
        }
        const PhysAddr child = PTE2PA(pte);
        // Departs: looked at before it is taken for a table, since the walk would write zeros into it.
        if (!is_kalloc_frame(kernel, child)) {
            kernel.panic("kfree", "freewalk", child.value,
                         "entry " + std::to_string(i) + " of " + in_hex(table) + " points to " + in_hex(child) +
                             ", which is no frame of kalloc's");
        }
        free_table(kernel, child, depth + 1);
        kernel.store_pte(pte_address, 0);
    }
    kernel.kfree(table);
}

}  // namespace

namespace native {

/// An empty page table, or 0 without memory.
PhysAddr uvmcreate(Kernel& kernel) {
    const PhysAddr pagetable = kalloc_zeroed(kernel);
    kernel.note_table(pagetable);
    return pagetable;
}

/// Loads the first process's program, less than a page, at address 0 of an empty table: the name of 2020. panic
/// `inituvm: more than a page`.
void uvminit(Kernel& kernel, PhysAddr pagetable, PhysAddr source, std::uint64_t size) {
    if (size >= PGSIZE) kernel.panic("inituvm: more than a page", "uvminit", size);
    load_first_page(kernel, "uvminit", pagetable, source, size);
}

/// Loads the first process's program, less than a page, at address 0 of an empty table. panic `uvmfirst: more than a page`.
void uvmfirst(Kernel& kernel, PhysAddr pagetable, PhysAddr source, std::uint64_t size) {
    if (size >= PGSIZE) kernel.panic("uvmfirst: more than a page", "uvmfirst", size);
    load_first_page(kernel, "uvmfirst", pagetable, source, size);
}

/// Grows a process from oldsz to newsz with zeroed pages, R U and `xperm` (always R W X U in the older form).
/// Returns newsz; oldsz when newsz is less; 0 without memory, when what was added is taken back.
std::uint64_t uvmalloc(Kernel& kernel, PhysAddr pagetable, std::uint64_t oldsz, std::uint64_t newsz,
                       std::uint64_t xperm) {
    if (newsz < oldsz) return oldsz;
    const std::uint64_t perm =
        kernel.policies().uvmalloc == PermPolicy::rwx ? PTE_R | PTE_W | PTE_X | PTE_U : PTE_R | PTE_U | xperm;
    oldsz = PGROUNDUP(oldsz);
    for (std::uint64_t a = oldsz; a < newsz; a += PGSIZE) {
        const PhysAddr mem = kernel.may_continue() ? kalloc_zeroed(kernel) : PhysAddr(0);
        if (!mem) {
            kernel.uvmdealloc(pagetable, a, oldsz);
            return 0;
        }
        if (kernel.mappages(pagetable, VirtAddr(a), PGSIZE, mem, perm) != 0) {
            kernel.kfree(mem);
            kernel.uvmdealloc(pagetable, a, oldsz);
            return 0;
        }
    }
    return newsz;
}

/// Shrinks a process from oldsz to newsz: frees the whole pages beyond. Neither needs to be page-aligned, and oldsz may be
/// more than the process has. Returns the new size: newsz, or oldsz when newsz is not less.
std::uint64_t uvmdealloc(Kernel& kernel, PhysAddr pagetable, std::uint64_t oldsz, std::uint64_t newsz) {
    if (newsz >= oldsz) return oldsz;
    if (PGROUNDUP(newsz) < PGROUNDUP(oldsz)) {
        const std::uint64_t npages = (PGROUNDUP(oldsz) - PGROUNDUP(newsz)) / PGSIZE;
        kernel.uvmunmap(pagetable, VirtAddr(PGROUNDUP(newsz)), npages, true);
    }
    return newsz;
}

/// Takes `npages` mappings from `va` on away, and frees their frames with `do_free` (under fork="cow", those that nobody
/// else maps). Policy `uvmunmap`: a page that is not there is skipped, or panic `uvmunmap: walk` or `uvmunmap: not mapped`.
/// Fences nothing: the way back to user mode does, and with ASIDs it is the caller's duty.
void uvmunmap(Kernel& kernel, PhysAddr pagetable, VirtAddr va, std::uint64_t npages, bool do_free) {
    if (!va.page_aligned()) kernel.panic("uvmunmap: not aligned", "uvmunmap", va.value);
    const bool must_exist = kernel.policies().uvmunmap == AbsentPolicy::panic;
    const bool shared_frames = kernel.policies().fork == ForkPolicy::cow;
    const VirtAddr end = va + npages * PGSIZE;

    VirtAddr next = va;  // everything below is done
    visit_present(kernel, pagetable, va, end, [&](const PresentPage& page) {
        if (must_exist && page.va > next) unmap_absent(kernel, pagetable, next);
        if (page.superpage()) kernel.panic("uvmunmap: superpage", "uvmunmap", page.va.value, "this kernel maps none");
        if (PTE_FLAGS(page.pte) == PTE_V) {
            kernel.panic("uvmunmap: not a leaf", "uvmunmap", page.va.value, "the PTE is " + in_hex(page.pte));
        }
        const PhysAddr pa = PTE2PA(page.pte);
        const std::int32_t others = drop_reference(kernel, pagetable, page.va, pa);
        if (do_free && !(shared_frames && others > 0)) kernel.kfree(pa);
        kernel.store_pte(page.pte_address, 0);
        next = page.va + PGSIZE;
        return true;
    });
    if (must_exist && next < end && next.value < MAXVA) unmap_absent(kernel, pagetable, next);
    if (va < end && end.value > MAXVA) {
        kernel.panic("walk", "uvmunmap", std::max(va.value, MAXVA), "the range reaches above MAXVA");
    }
}

/// Takes the page at `va` away from the user, and leaves it mapped: exec's guard page. panic `uvmclear` without a PTE.
void uvmclear(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    if (!pte_address) kernel.panic("uvmclear", "uvmclear", va.value, in_hex(va) + " has no PTE");
    kernel.store_pte(pte_address, kernel.load<std::uint64_t>(pte_address) & ~PTE_U);
}

/// Frees the user's memory and then the page-table pages.
void uvmfree(Kernel& kernel, PhysAddr pagetable, std::uint64_t sz) {
    if (sz > 0) kernel.uvmunmap(pagetable, VirtAddr(0), PGROUNDUP(sz) / PGSIZE, true);
    kernel.freewalk(pagetable);
}

/// Frees a table and those below it. All leaves must have been removed: panic `freewalk: leaf` at the first that was not.
void freewalk(Kernel& kernel, PhysAddr pagetable) { free_table(kernel, pagetable, 0); }

}  // namespace native

}  // namespace hartlab
