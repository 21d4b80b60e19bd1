#include "kernel/page_table_pages.hpp"

#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

PageTablePages::PageTablePages(Kernel& kernel) {
    add_root(kernel, PhysAddr(kernel.data()[&KernelData::kernel_pagetable]));
    for (std::size_t slot = 0; slot < NPROC; ++slot) add_root(kernel, PhysAddr(kernel.proc(slot)[&Proc::pagetable]));
}

std::uint64_t PageTablePages::Place::entry_va(PhysAddr address) const {
    return va + address.page_offset() / sizeof(std::uint64_t) * leaf_size(level);
}

void PageTablePages::add(Kernel& kernel, PhysAddr table, Place place) {
    // A known table is not looked into again, so tables that form a ring end here.
    if (!is_kalloc_frame(kernel, table) || !places_.try_emplace(table.value, place).second || place.level == 0) return;
    for (PhysAddr entry = table; entry - table < PGSIZE; entry += sizeof(std::uint64_t)) {
        pte_stored(kernel, entry, kernel.load<std::uint64_t>(entry));
    }
}

void PageTablePages::pte_stored(Kernel& kernel, PhysAddr address, std::uint64_t pte) {
    if (!(pte & PTE_V) || pte_is_leaf(pte)) return;
    const auto found = places_.find(address.page_base().value);
    if (found == places_.end() || found->second.level == 0) return;
    const Place above = found->second;
    add(kernel, PTE2PA(pte), {above.entry_va(address), above.level - 1});
}

std::optional<VirtAddr> PageTablePages::va_of(PhysAddr address) const {
    const auto found = places_.find(address.page_base().value);
    if (found == places_.end()) return std::nullopt;
    return VirtAddr(found->second.entry_va(address));
}

}  // namespace hartlab
