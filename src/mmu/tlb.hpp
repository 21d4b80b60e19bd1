// The modelled TLB: which translations the hart holds, in a geometry of sets and ways. It is architectural state, saved
// with the machine; what the host caches beside it (mmu/host_cache.hpp) is rebuilt from here and never the other way.
//
// A superpage is held as its 4 KiB pieces, one entry for each piece in use, which [priv 4.2.1] allows.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/bits.hpp"
#include "base/fault.hpp"

namespace hartlab {

enum class Replacement : std::uint8_t { lru, fifo, random };

struct TlbGeometry {
    std::uint32_t sets = 512;  // a power of two
    std::uint32_t ways = 4;
    Replacement replacement = Replacement::lru;
    std::uint64_t seed = 1;  // of Replacement::random

    friend bool operator==(const TlbGeometry&, const TlbGeometry&) = default;
};

struct TlbEntry {
    Vpn vpn;                  // with the sign bits: va >> 12
    Ppn ppn;                  // of this 4 KiB piece
    std::uint64_t pte = 0;    // the leaf as it was when it was read (A and D as set then)
    std::uint64_t stamp = 0;  // LRU: last use, FIFO: fill
    std::uint16_t asid = 0;
    std::uint8_t level = 0;  // of the leaf: 0 is 4 KiB
    bool global = false;
};

struct TlbCounts {
    std::array<std::uint64_t, 3> hits{};    // by Access
    std::array<std::uint64_t, 3> misses{};  // by Access
    std::uint64_t evictions = 0;
    std::uint64_t flushes = 0;  // sfence.vma executed, in any form
};

class Tlb {
public:
    static constexpr std::uint32_t NONE = ~std::uint32_t{0};

    explicit Tlb(TlbGeometry geometry);

    const TlbGeometry& geometry() const { return geometry_; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
    std::uint32_t set_of(Vpn vpn) const { return static_cast<std::uint32_t>(vpn.value) & (geometry_.sets - 1); }

    /// The index of the entry that translates `vpn` for `asid`, or NONE. Counts nothing; see touch().
    std::uint32_t find(Vpn vpn, std::uint16_t asid) const {
        const std::uint32_t first = set_of(vpn) * geometry_.ways;
        const std::uint64_t wanted = tag(vpn, asid);
        for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
            const std::uint64_t differs = tags_[i] ^ wanted;
            if (differs == 0 || ((differs & ~TAG_ASID) == 0 && entries_[i].global)) return i;
        }
        return NONE;
    }
    /// Makes `index` the most recently used of its set. Changes nothing when it is that already, so that it does not
    /// matter how many of the hits in between are told to the TLB.
    void touch(std::uint32_t index);
    /// The way that the next entry for `vpn` goes to: one that is free, or the one that the replacement policy gives up.
    std::uint32_t victim(Vpn vpn) {
        const std::uint32_t first = set_of(vpn) * geometry_.ways;
        for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
            if (!live(i)) return i;
        }
        return victim_of_full_set(first);
    }
    /// Puts `entry` in place of number `index`, which victim() chose. Its stamp is set here.
    void replace(std::uint32_t index, const TlbEntry& entry) {
        TlbEntry& e = entries_[index];
        // One by one: copied as a whole, the words would be read in pairs while they are still on their way to the stack.
        e.vpn = entry.vpn;
        e.ppn = entry.ppn;
        e.pte = entry.pte;
        e.stamp = ++clock_;
        e.asid = entry.asid;
        e.level = entry.level;
        e.global = entry.global;
        tags_[index] = tag(entry.vpn, entry.asid);
        superpage_pieces_ += entry.level > 0;
    }
    const TlbEntry& operator[](std::uint32_t index) const { return entries_[index]; }

    bool live(std::uint32_t index) const { return (tags_[index] & TAG_GENERATION) == generation_; }

    // sfence.vma [priv 4.2.1], in its four forms. Entries with G survive the forms that name an ASID.
    void flush_all();
    void flush_address(VirtAddr va);
    void flush_asid(std::uint16_t asid);
    void flush_address_asid(VirtAddr va, std::uint16_t asid);

    TlbCounts counts;

    // Which entries are more recent than which. As long as no entry comes or goes, that is all that touch() changes.
    struct Recency {
        std::uint64_t clock = 0;
        std::vector<std::uint64_t> stamps;  // by entry
    };
    Recency recency() const;
    /// Whether each set has its entries in the same order as then, so that the same accesses would do the same again.
    /// Precondition, here and below: no entry came or went since then.
    bool same_order(const Recency& then) const;
    /// What touch() has done since then is done `times` more. Precondition: same_order(then).
    void repeat_touches(const Recency& then, std::uint64_t times);

    template <class Archive>
    void fields(Archive& archive) {
        archive(counts, geometry_, tags_, entries_, generation_, clock_, random_, superpage_pieces_);
    }
    /// Whether it can have come about: entries are where they are looked for, under their own tags.
    bool whole() const;

private:
    // A tag is all that a look-up compares, in one word: VPN (27 bits, since the rest repeat the last), ASID (16) and the
    // generation it was filled in (21), of which 0 is never the present one.
    static constexpr std::uint64_t TAG_ASID = mask(42, 27);
    static constexpr std::uint64_t TAG_GENERATION = mask(63, 43);
    static constexpr std::uint64_t ONE_GENERATION = std::uint64_t{1} << 43;
    static constexpr std::uint64_t DEAD = 0;

    /// Precondition: the address of `vpn` is canonical.
    std::uint64_t tag(Vpn vpn, std::uint16_t asid) const {
        return generation_ | std::uint64_t{asid} << 27 | (vpn.value & mask(26, 0));
    }
    std::uint32_t victim_of_full_set(std::uint32_t first);
    template <class Matches>
    void drop_if(VirtAddr va, Matches&& matches);

    TlbGeometry geometry_;
    std::vector<std::uint64_t> tags_;            // way w of set s at s * ways + w
    std::vector<TlbEntry> entries_;              // likewise
    std::uint64_t generation_ = ONE_GENERATION;  // flush_all() is one increment, but for one in two million
    std::uint64_t clock_ = 0;
    std::uint64_t random_;
    std::uint64_t superpage_pieces_ = 0;  // live or stale entries of level > 0 since the last full flush
};

}  // namespace hartlab
