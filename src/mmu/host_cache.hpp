// The host's half of a translation: from a virtual page straight to a host pointer. A cache and never state: whatever
// stands here is also in the modelled TLB (or is untranslated), and it can be dropped at any moment without a trace.
//
// A tag is a page number (52 bits), the privilege it was filled at (2) and an epoch (10): changing mode makes other
// entries match, and flushing is an increment.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "mmu/privilege.hpp"

namespace hartlab {

class HostCache {
public:
    struct Entry {
        std::uint64_t tag = ~std::uint64_t{0};
        std::uintptr_t addend = 0;  // host address = va + addend; for fetches: the page's decoded instructions
    };

    /// Where an access of `size` bytes at `va` would have its entry; hit() says whether it is there, and whether the
    /// access stays within its page: the tag is held against the page of the last byte.
    const Entry& entry(std::uint64_t va) const { return entries_[(va >> PGSHIFT) % SIZE]; }
    bool hit(const Entry& entry, std::uint64_t va, std::uint64_t size) const {
        return entry.tag == (((va + size - 1) >> PGSHIFT) | context_);
    }

    void fill(std::uint64_t va, std::uintptr_t addend) {
        entries_[(va >> PGSHIFT) % SIZE] = {(va >> PGSHIFT) | context_, addend};
    }
    /// Whether there was an entry to drop, at whatever privilege or epoch.
    bool drop(Vpn vpn) {
        Entry& e = entries_[vpn.value % SIZE];
        if ((e.tag & PAGE_MASK) != vpn.value) return false;
        e.tag = NO_TAG;
        return true;
    }
    /// O(1), but for one flush in 1023.
    void flush() {
        context_ += EPOCH;
        if ((context_ >> 54) == (NO_TAG >> 54)) {  // the last epoch is never used, so that no tag is all ones
            context_ &= EPOCH - 1;
            entries_.fill({});
        }
    }
    void set_privilege(Privilege privilege) {
        context_ = (context_ & ~(std::uint64_t{3} << 52)) | static_cast<std::uint64_t>(privilege) << 52;
    }

private:
    static constexpr std::size_t SIZE = 1024;
    static constexpr std::uint64_t EPOCH = std::uint64_t{1} << 54;
    static constexpr std::uint64_t PAGE_MASK = (std::uint64_t{1} << 52) - 1;
    static constexpr std::uint64_t NO_TAG = ~std::uint64_t{0};

    std::uint64_t context_ = 0;
    std::array<Entry, SIZE> entries_{};
};

}  // namespace hartlab
