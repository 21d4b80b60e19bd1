// Page tables, whosoever they are: finding a PTE in software, and making mappings.
#include "kernel/cow.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

/// How far into a superpage's frames the page of `va` lies, given the PTE that walk found; 0 for an ordinary page.
std::uint64_t offset_in_superpage(Kernel& kernel, PhysAddr pagetable, VirtAddr va, PhysAddr pte_address) {
    PhysAddr table = pagetable;
    for (int level = SV39_LEVELS - 1; level > 0; --level) {
        const PhysAddr here = table + PX(level, va) * sizeof(std::uint64_t);
        if (here == pte_address) return PGROUNDDOWN(va.value & (leaf_size(level) - 1));
        table = PTE2PA(kernel.load<std::uint64_t>(here));
        if (!kernel.ram().contains(table, PGSIZE)) break;  // a walk that was replaced went by other tables
    }
    return 0;
}

/// Takes back what mappages did from `first` up to, not including, `end`.
void undo_mappages(Kernel& kernel, PhysAddr pagetable, VirtAddr first, VirtAddr end, PhysAddr pa) {
    for (VirtAddr a = first; a != end; a += PGSIZE, pa += PGSIZE) {
        kernel.charge(1);
        const PhysAddr pte_address = kernel.walk(pagetable, a, false);
        if (!pte_address) continue;
        kernel.store_pte(pte_address, 0);
        drop_reference(kernel, pagetable, a, pa);
    }
}

}  // namespace

namespace native {

/// The address of the PTE in `pagetable` that corresponds to `va`. With `alloc`, page-table pages that are missing on the
/// way are made, zeroed. 0 when one is missing (or there is no memory for it). panic `walk` at or above MAXVA.
///
/// Departs: xv6 takes every valid PTE above level 0 for a pointer. Here a leaf there ends the walk, since it is the PTE
/// that maps `va`: a superpage is never mistaken for a page table.
PhysAddr walk(Kernel& kernel, PhysAddr pagetable, VirtAddr va, bool alloc) {
    if (va.value >= MAXVA) kernel.panic("walk", "walk", va.value, in_hex(va) + " is at or above MAXVA");

    for (int level = SV39_LEVELS - 1; level > 0; --level) {
        const PhysAddr pte_address = pagetable + PX(level, va) * sizeof(std::uint64_t);
        const std::uint64_t pte = kernel.load<std::uint64_t>(pte_address);
        if (pte & PTE_V) {
            if (pte_is_leaf(pte)) return pte_address;
            pagetable = PTE2PA(pte);
            continue;
        }
        if (!alloc) return PhysAddr(0);
        pagetable = kalloc_zeroed(kernel);
        if (!pagetable) return PhysAddr(0);
        kernel.store_pte(pte_address, PA2PTE(pagetable) | PTE_V);
    }
    return pagetable + PX(0, va) * sizeof(std::uint64_t);
}

/// The physical address of the user page that holds `va`, page-aligned; 0 when it is not mapped or not the user's.
PhysAddr walkaddr(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    if (va.value >= MAXVA) return PhysAddr(0);
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    if (!pte_address) return PhysAddr(0);
    const std::uint64_t pte = kernel.load<std::uint64_t>(pte_address);
    if (!(pte & PTE_V) || !(pte & PTE_U)) return PhysAddr(0);
    return PTE2PA(pte) + offset_in_superpage(kernel, pagetable, va, pte_address);
}

/// Maps `size` bytes from `va` on to `pa` on. 0, or -1 when walk could not make a page-table page.
///
/// Policy `mappages`: aligned asks for whole pages and panics `mappages: ...` otherwise; rounding rounds va down and
/// va + size - 1 down. A page that is mapped already is panic `mappages: remap`, or `remap` in the older form.
/// Departs: on failure no PTE of this call remains; xv6 leaves those that it got to.
int mappages(Kernel& kernel, PhysAddr pagetable, VirtAddr va, std::uint64_t size, PhysAddr pa, std::uint64_t perm) {
    const bool rounding = kernel.policies().mappages == MappagesPolicy::rounding;
    if (!rounding) {
        if (!va.page_aligned()) kernel.panic("mappages: va not aligned", "mappages", va.value);
        if (size % PGSIZE != 0) kernel.panic("mappages: size not aligned", "mappages", size);
        if (size == 0) kernel.panic("mappages: size", "mappages", va.value);
    }

    const VirtAddr first = va.page_base();
    const VirtAddr last = (va + (size - 1)).page_base();
    // A long range of a user's can be given up in the middle; a single page, or boot, never is.
    const bool may_give_up = pagetable.value != kernel.data()[&KernelData::kernel_pagetable];
    PhysAddr frame = pa;
    for (VirtAddr a = first;; a += PGSIZE, frame += PGSIZE) {
        const bool go_on = kernel.may_continue() || a == first || !may_give_up;
        const PhysAddr pte_address = go_on ? kernel.walk(pagetable, a, true) : PhysAddr(0);
        if (!pte_address) {
            undo_mappages(kernel, pagetable, first, a, pa);
            return -1;
        }
        const std::uint64_t old = kernel.load<std::uint64_t>(pte_address);
        if (old & PTE_V) {
            kernel.panic(rounding ? "remap" : "mappages: remap", "mappages", a.value,
                         in_hex(a) + " is mapped already, by PTE " + in_hex(old));
        }
        kernel.store_pte(pte_address, PA2PTE(frame) | perm | PTE_V);
        add_reference(kernel, pagetable, a, frame);
        if (a == last) return 0;
    }
}

/// 1 when `va` has a valid PTE, 0 when not.
int ismapped(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    return pte_address && (kernel.load<std::uint64_t>(pte_address) & PTE_V) ? 1 : 0;
}

}  // namespace native

}  // namespace hartlab
