// The host's half of a translation: from a virtual page straight to a host pointer. A cache and never state: whatever
// stands here is also in the modelled TLB (or is untranslated), and it can be dropped at any moment without a trace.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"

namespace hartlab {

class HostCache {
public:
    struct Entry {
        std::uint64_t tag = ~std::uint64_t{0};
        std::uintptr_t addend = 0;    // host address = va + addend (for fetches: the page's decoded instructions)
        std::uint64_t counted = 0;    // what a hit adds to the TLB's hit count: 1, or 0 when untranslated
    };

    Entry& entry(std::uint64_t va) { return entries_[(va >> PGSHIFT) % SIZE]; }
    bool hit(const Entry& entry, std::uint64_t va) const { return entry.tag == ((va >> PGSHIFT) | epoch_); }

    void fill(std::uint64_t va, std::uintptr_t addend, bool counted) {
        entry(va) = {(va >> PGSHIFT) | epoch_, addend, counted};
    }
    void drop(Vpn vpn) {
        Entry& e = entries_[vpn.value % SIZE];
        if (e.tag == (vpn.value | epoch_)) e.tag = ~std::uint64_t{0};
    }
    /// O(1) but for one flush in 4095: a page number has 52 bits, and the epoch fills the 12 above.
    void flush() {
        epoch_ += std::uint64_t{1} << 52;
        if (epoch_ >= LAST_EPOCH) {
            epoch_ = 0;
            entries_.fill({});
        }
    }

private:
    static constexpr std::size_t SIZE = 256;
    static constexpr std::uint64_t LAST_EPOCH = std::uint64_t{0xfff} << 52;  // never used: no tag is all ones

    std::array<Entry, SIZE> entries_{};
    std::uint64_t epoch_ = 0;
};

}  // namespace hartlab
