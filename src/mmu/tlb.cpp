#include "mmu/tlb.hpp"

#include <algorithm>

#include "mmu/pte.hpp"

namespace hartlab {

Tlb::Tlb(TlbGeometry geometry) :
    geometry_(geometry), tags_(std::size_t{geometry.sets} * geometry.ways, DEAD), entries_(tags_.size()),
    random_(geometry.seed) {}

void Tlb::touch(std::uint32_t index) {
    if (geometry_.replacement != Replacement::lru) return;
    const std::uint32_t first = set_of(entries_[index].vpn) * geometry_.ways;
    for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
        if (live(i) && entries_[i].stamp > entries_[index].stamp) {
            entries_[index].stamp = ++clock_;
            return;
        }
    }
}

Tlb::Recency Tlb::recency() const {
    Recency now{clock_, std::vector<std::uint64_t>(entries_.size())};
    std::transform(entries_.begin(), entries_.end(), now.stamps.begin(), [](const TlbEntry& e) { return e.stamp; });
    return now;
}

bool Tlb::same_order(const Recency& then) const {
    if (clock_ == then.clock) return true;
    for (std::uint32_t first = 0; first < size(); first += geometry_.ways) {
        for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
            if (!live(i) || entries_[i].stamp <= then.clock) continue;  // touched since: the others kept their order
            for (std::uint32_t j = first; j < first + geometry_.ways; ++j) {
                const bool was_newer = then.stamps[i] > then.stamps[j];
                if (live(j) && was_newer != (entries_[i].stamp > entries_[j].stamp)) return false;
            }
        }
    }
    return true;
}

void Tlb::repeat_touches(const Recency& then, std::uint64_t times) {
    const std::uint64_t more = times * (clock_ - then.clock);
    for (TlbEntry& e : entries_) {
        if (e.stamp > then.clock) e.stamp += more;
    }
    clock_ += more;
}

std::uint32_t Tlb::victim_of_full_set(std::uint32_t first) {
    std::uint32_t oldest = first;
    for (std::uint32_t i = first + 1; i < first + geometry_.ways; ++i) {
        if (entries_[i].stamp < entries_[oldest].stamp) oldest = i;
    }
    if (geometry_.replacement != Replacement::random) return oldest;
    random_ += 0x9e37'79b9'7f4a'7c15;  // a Weyl sequence, mixed: the choice depends on the seed and on nothing else
    std::uint64_t z = random_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return first + static_cast<std::uint32_t>((z ^ (z >> 31)) % geometry_.ways);
}

void Tlb::flush_all() {
    ++counts.flushes;
    superpage_pieces_ = 0;
    generation_ += ONE_GENERATION;
    if (generation_ == 0) {
        std::fill(tags_.begin(), tags_.end(), DEAD);
        generation_ = ONE_GENERATION;
    }
}

template <class Matches>
void Tlb::drop_if(VirtAddr va, Matches&& matches) {
    // A superpage is here in pieces, any of which the fence must reach: a set holds 4 KiB pages only.
    const std::uint32_t first = superpage_pieces_ ? 0 : set_of(vpn_of(va)) * geometry_.ways;
    const std::uint32_t stop = superpage_pieces_ ? size() : first + geometry_.ways;
    for (std::uint32_t i = first; i < stop; ++i) {
        const TlbEntry& e = entries_[i];
        const unsigned shift = 9u * e.level;
        if (live(i) && e.vpn.value >> shift == vpn_of(va).value >> shift && matches(e)) tags_[i] = DEAD;
    }
}

void Tlb::flush_address(VirtAddr va) {
    ++counts.flushes;
    drop_if(va, [](const TlbEntry&) { return true; });
}

void Tlb::flush_asid(std::uint16_t asid) {
    ++counts.flushes;
    for (std::uint32_t i = 0; i < size(); ++i) {
        if (!entries_[i].global && entries_[i].asid == asid) tags_[i] = DEAD;
    }
}

void Tlb::flush_address_asid(VirtAddr va, std::uint16_t asid) {
    ++counts.flushes;
    drop_if(va, [asid](const TlbEntry& e) { return !e.global && e.asid == asid; });
}

bool Tlb::whole() const {
    if (tags_.size() != std::uint64_t{geometry_.sets} * geometry_.ways || entries_.size() != tags_.size()) return false;
    if (generation_ == 0 || (generation_ & ~TAG_GENERATION) != 0) return false;
    for (std::uint32_t i = 0; i < size(); ++i) {
        const TlbEntry& e = entries_[i];
        if (!live(i)) continue;
        const VirtAddr va(e.vpn.value << PGSHIFT);
        if (vpn_of(va) != e.vpn || !sv39_canonical(va)) return false;
        if (set_of(e.vpn) != i / geometry_.ways || tags_[i] != tag(e.vpn, e.asid)) return false;
        if (e.level > 2 || e.ppn.value > mask(43, 0) || e.stamp > clock_) return false;
        if (e.level > 0 && superpage_pieces_ == 0) return false;
    }
    return true;
}

}  // namespace hartlab
