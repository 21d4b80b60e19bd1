// The pages that are present in a range of an Sv39 table, found subtree by subtree: what is absent costs nothing, however
// long it is. What uvmunmap, uvmcopy and uvmfree, the census and the pictures of an address space all go by.
//
// It may be used on any table. One that is cyclic or shared is walked at most three levels deep, as the MMU would; one that
// points outside RAM is a fault of the kernel (KernelPanic "kerneltrap").
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

/// A valid PTE at level 0, or a leaf above it.
struct PresentPage {
    VirtAddr va;  // first byte that it maps
    PhysAddr pte_address;
    std::uint64_t pte = 0;
    int level = 0;  // 0: a page; 1, 2: a superpage

    bool superpage() const { return level > 0; }
};

namespace detail {

template <class Visit>
bool visit_table(Kernel& kernel, PhysAddr table, int level, std::uint64_t base, std::uint64_t first, std::uint64_t end,
                 Visit& visit) {
    kernel.charge(1);
    const std::uint64_t from = first > base ? (first - base) >> PXSHIFT(level) : 0;
    for (std::uint64_t i = from; i < PTES_PER_PAGE; ++i) {
        const std::uint64_t va = base + (i << PXSHIFT(level));
        if (va >= end) break;
        const PhysAddr pte_address = table + i * sizeof(std::uint64_t);
        const std::uint64_t pte = kernel.load<std::uint64_t>(pte_address);
        if (!(pte & PTE_V)) continue;
        if (level == 0 || pte_is_leaf(pte)) {
            if (!visit(PresentPage{VirtAddr(va), pte_address, pte, level})) return false;
        } else if (!visit_table(kernel, PTE2PA(pte), level - 1, va, first, end, visit)) {
            return false;
        }
    }
    return true;
}

}  // namespace detail

/// Calls `visit(PresentPage) -> bool` for what is present in [first, end), in ascending order, until it returns false.
/// Addresses at or above MAXVA are not looked at. `visit` may change the PTE that it is shown. Returns whether it got to the end.
template <class Visit>
bool visit_present(Kernel& kernel, PhysAddr pagetable, VirtAddr first, VirtAddr end, Visit&& visit) {
    return detail::visit_table(kernel, pagetable, SV39_LEVELS - 1, 0, first.value, std::min(end.value, MAXVA), visit);
}

}  // namespace hartlab
