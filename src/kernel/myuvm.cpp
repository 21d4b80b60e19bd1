// The pages of an area: allocated and mapped, unmapped and freed.
#include <vector>

#include "kernel/in_hex.hpp"
#include "kernel/kalloc.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

/// The page-table pages that were missing before a range was mapped, so that a failure can take back those too.
class NewTables {
public:
    NewTables(Kernel& kernel, PhysAddr pagetable) : kernel_(kernel), pagetable_(pagetable) {}

    /// To be called before `va` is mapped.
    void note(VirtAddr va) {
        if (noted_ && va.value % leaf_size(1) != 0) return;  // in the same table as the page before
        noted_ = true;
        PhysAddr table = pagetable_;
        for (int level = SV39_LEVELS - 1; level > 0; --level) {
            const PhysAddr entry = table + PX(level, va) * sizeof(std::uint64_t);
            const std::uint64_t pte = kernel_.load<std::uint64_t>(entry);
            if (!(pte & PTE_V)) return missing_.push_back({va, level});
            if (pte_is_leaf(pte)) return;
            table = PTE2PA(pte);
        }
    }

    /// Frees those that have been made since, the last one first. Nothing is mapped in them any more.
    void free_from(VirtAddr va) {
        while (!missing_.empty() && missing_.back().va >= va) {
            free_below(pagetable_, SV39_LEVELS - 1, missing_.back());
            missing_.pop_back();
        }
    }

private:
    struct Missing {
        VirtAddr va;
        int level;  // of the entry that was not valid: all tables below it are new
    };

    void free_below(PhysAddr table, int level, const Missing& missing) {
        const PhysAddr entry = table + PX(level, missing.va) * sizeof(std::uint64_t);
        const std::uint64_t pte = kernel_.load<std::uint64_t>(entry);
        if (level == 0 || !(pte & PTE_V) || pte_is_leaf(pte)) return;
        const PhysAddr child = PTE2PA(pte);
        free_below(child, level - 1, missing);
        if (level > missing.level) return;
        kernel_.store_pte(entry, 0);
        kernel_.kfree(child);
    }

    Kernel& kernel_;
    PhysAddr pagetable_;
    bool noted_ = false;
    std::vector<Missing> missing_;
};

}  // namespace

namespace native {

/// Maps zeroed pages, R W U, from `start` up to `end`, two page-aligned addresses between which nothing is mapped. 0; -1
/// without memory, and nothing has changed: the page-table pages that were made on the way are free again too, and the
/// free list is in the order that it had. For each page walk makes the tables before kalloc gives the page, and what was
/// taken is freed in reverse.
int myallocuvm(Kernel& kernel, PhysAddr pagetable, std::uint64_t start, std::uint64_t end) {
    NewTables tables(kernel, pagetable);
    for (std::uint64_t a = start; a < end; a += PGSIZE) {
        // Tables first, then the page: undone in reverse, the free list is again what it was.
        tables.note(VirtAddr(a));
        const bool has_table = kernel.may_continue() && kernel.walk(pagetable, VirtAddr(a), true);
        const PhysAddr mem = has_table ? kalloc_zeroed(kernel) : PhysAddr(0);
        if (mem) {
            if (kernel.mappages(pagetable, VirtAddr(a), PGSIZE, mem, PTE_R | PTE_W | PTE_U) == 0) continue;
            kernel.kfree(mem);
        }
        tables.free_from(VirtAddr(a));
        while (a > start) {
            a -= PGSIZE;
            kernel.uvmunmap(pagetable, VirtAddr(a), 1, true);
            tables.free_from(VirtAddr(a));
        }
        return -1;
    }
    return 0;
}

/// Unmaps and frees the pages from `start` up to `end`, two page-aligned addresses. Fences nothing: the way back to user
/// mode does, and with ASIDs it is the caller's duty.
void mydeallocuvm(Kernel& kernel, PhysAddr pagetable, std::uint64_t start, std::uint64_t end) {
    if (end <= start) return;
    kernel.uvmunmap(pagetable, VirtAddr(start), (end - start) / PGSIZE, true);
}

}  // namespace native

}  // namespace hartlab
