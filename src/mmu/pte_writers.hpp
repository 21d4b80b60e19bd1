// Who last changed the page-table entries that the TLB was filled from. Kept only while the check for stale translations is on;
// it begins to know of an entry when a walk first reads it.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/address.hpp"
#include "memory/ram.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

struct PteWriter {
    enum class Kind : std::uint8_t {
        unknown,      // it has not changed since it was first read, or from outside
        kernel,       // the kernel model
        function,     // a replaced function of the kernel: `function` is its number
        instruction,  // a store, by the instruction at `pc`
    };
    Kind kind = Kind::unknown;
    std::uint16_t function = 0;
    std::int32_t pid = 0;
    std::uint64_t pc = 0;
    std::uint64_t time = 0;  // instructions retired
};

class PteWriters {
public:
    void clear() { entries_.clear(); }
    /// A walk has read the entry.
    void watch(PhysAddr pte_address, std::uint64_t pte) { entries_.try_emplace(pte_address.value, Entry{pte, {}}); }
    /// Everything that has changed since the last look is `by`'s. A and D are the hart's, and no change.
    void look(const Ram& ram, const PteWriter& by) {
        for (auto& [address, entry] : entries_) note(ram, address, entry, by);
    }
    /// Something was written at `pa`: if it is an entry that has changed, that is `by`'s.
    void look_at(const Ram& ram, PhysAddr pa, const PteWriter& by) {
        const auto found = entries_.find(pa.value & ~std::uint64_t{7});
        if (found != entries_.end()) note(ram, found->first, found->second, by);
    }
    PteWriter of(PhysAddr pte_address) const {
        const auto found = entries_.find(pte_address.value);
        return found == entries_.end() ? PteWriter{} : found->second.writer;
    }

private:
    struct Entry {
        std::uint64_t pte = 0;
        PteWriter writer;
    };
    static void note(const Ram& ram, std::uint64_t address, Entry& entry, const PteWriter& by) {
        const auto now = ram.load<std::uint64_t>(PhysAddr(address));
        if ((now ^ entry.pte) & ~(PTE_A | PTE_D)) entry.writer = by;
        entry.pte = now;
    }

    std::unordered_map<std::uint64_t, Entry> entries_;
};

}  // namespace hartlab
