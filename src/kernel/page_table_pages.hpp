// Which frames are page tables, and where each stands: what whoever looks on (trace, provenance) knows while it looks.
// Not a record that the kernel has: there is none but the tables themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/address.hpp"

namespace hartlab {

class Kernel;

class PageTablePages {
public:
    /// Knows the kernel's table and those of all processes.
    explicit PageTablePages(Kernel& kernel);

    /// The root of a table, and the tables below it. What is no frame, or known already, is passed over.
    void add_root(Kernel& kernel, PhysAddr root) { add(kernel, root, {0, 2}); }
    /// A PTE has been stored: its table may have got another below it.
    void pte_stored(Kernel& kernel, PhysAddr address, std::uint64_t pte);
    void freed(PhysAddr frame) { places_.erase(frame.value); }
    /// The first address that the PTE there maps; nothing when no PTE is known to be there.
    std::optional<VirtAddr> va_of(PhysAddr address) const;

private:
    struct Place {
        std::uint64_t va;  // that the table's first entry maps
        int level;         // of its entries
        std::uint64_t entry_va(PhysAddr address) const;
    };
    void add(Kernel& kernel, PhysAddr table, Place place);

    std::unordered_map<std::uint64_t, Place> places_;
};

}  // namespace hartlab
