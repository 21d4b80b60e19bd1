// A store to a page that fork shared.
#include "kernel/cow.hpp"

#include "kernel/kalloc.hpp"

namespace hartlab::native {

/// Makes the page at `va` the process's own, to write to. 0, or -1 when it is no copy-on-write page of the user's, or there
/// is no memory for a copy: the caller kills the process, and nothing is lost.
int cowfault(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    if (va.value >= MAXVA) return -1;
    va = va.page_base();
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    if (!pte_address) return -1;
    const std::uint64_t pte = kernel.load<std::uint64_t>(pte_address);
    if (!(pte & PTE_V) || !(pte & PTE_U)) return -1;
    if (pte & PTE_W) return 0;  // by a stale translation: another look will do
    if (!(pte & PTE_COW)) return -1;

    const PhysAddr shared = PTE2PA(pte);
    const std::uint64_t own_flags = (PTE_FLAGS(pte) & ~PTE_COW) | PTE_W;
    if (kernel.references(shared) <= 1) {
        kernel.store_pte(pte_address, PA2PTE(shared) | own_flags);  // the last owner keeps the frame
    } else {
        const PhysAddr mem = kalloc_copy(kernel, shared);
        if (!mem) return -1;
        kernel.store_pte(pte_address, PA2PTE(mem) | own_flags);
        add_reference(kernel, pagetable, va, mem);
        drop_reference(kernel, pagetable, va, shared);
    }
    kernel.hart().mmu.sfence_vma(va, std::nullopt);
    return 0;
}

}  // namespace hartlab::native
