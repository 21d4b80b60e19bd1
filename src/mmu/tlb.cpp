#include "mmu/tlb.hpp"

#include "mmu/pte.hpp"

namespace hartlab {

Tlb::Tlb(TlbGeometry geometry) :
    geometry_(geometry), entries_(std::size_t{geometry.sets} * geometry.ways), random_(geometry.seed) {}

std::uint32_t Tlb::find(Vpn vpn, std::uint16_t asid) const {
    const std::uint32_t first = set_of(vpn) * geometry_.ways;
    for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
        const TlbEntry& e = entries_[i];
        if (e.vpn == vpn && e.generation == generation_ && e.valid && (e.global || e.asid == asid)) return i;
    }
    return NONE;
}

void Tlb::touch(std::uint32_t index) {
    if (geometry_.replacement != Replacement::lru) return;
    const std::uint32_t first = index / geometry_.ways * geometry_.ways;
    for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
        if (live(i) && entries_[i].stamp > entries_[index].stamp) {
            entries_[index].stamp = ++clock_;
            return;
        }
    }
}

std::uint32_t Tlb::victim(Vpn vpn) {
    const std::uint32_t first = set_of(vpn) * geometry_.ways;
    std::uint32_t oldest = first;
    for (std::uint32_t i = first; i < first + geometry_.ways; ++i) {
        if (!live(i)) return i;
        if (entries_[i].stamp < entries_[oldest].stamp) oldest = i;
    }
    if (geometry_.replacement != Replacement::random) return oldest;
    random_ += 0x9e37'79b9'7f4a'7c15;  // a Weyl sequence, mixed: the choice depends on the seed and on nothing else
    std::uint64_t z = random_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return first + static_cast<std::uint32_t>((z ^ (z >> 31)) % geometry_.ways);
}

void Tlb::replace(std::uint32_t index, TlbEntry entry) {
    entry.stamp = ++clock_;
    entry.generation = generation_;
    entry.valid = true;
    if (entry.level > 0) ++superpage_pieces_;
    entries_[index] = entry;
}

void Tlb::flush_all() {
    ++counts.flushes;
    ++generation_;
    superpage_pieces_ = 0;
}

template <class Matches>
void Tlb::drop_if(VirtAddr va, Matches&& matches) {
    // A superpage is here in pieces, any of which the fence must reach: a set holds 4 KiB pages only.
    const std::uint32_t first = superpage_pieces_ ? 0 : set_of(vpn_of(va)) * geometry_.ways;
    const std::uint32_t stop = superpage_pieces_ ? size() : first + geometry_.ways;
    for (std::uint32_t i = first; i < stop; ++i) {
        TlbEntry& e = entries_[i];
        const unsigned shift = 9u * e.level;
        if (live(i) && e.vpn.value >> shift == vpn_of(va).value >> shift && matches(e)) e.valid = false;
    }
}

void Tlb::flush_address(VirtAddr va) {
    ++counts.flushes;
    drop_if(va, [](const TlbEntry&) { return true; });
}

void Tlb::flush_asid(std::uint16_t asid) {
    ++counts.flushes;
    for (TlbEntry& e : entries_) {
        if (!e.global && e.asid == asid) e.valid = false;
    }
}

void Tlb::flush_address_asid(VirtAddr va, std::uint16_t asid) {
    ++counts.flushes;
    drop_if(va, [asid](const TlbEntry& e) { return !e.global && e.asid == asid; });
}

}  // namespace hartlab
