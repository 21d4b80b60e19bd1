#include "mmu/pmp.hpp"

#include <bit>

#include "base/bits.hpp"

namespace hartlab {

void PmpRegisters::write_cfg(unsigned entry, std::uint8_t value) {
    if (locked(entry)) return;
    value &= PMP_R | PMP_W | PMP_X | PMP_A | PMP_L;
    if (!(value & PMP_R)) value &= static_cast<std::uint8_t>(~PMP_W);
    cfg[entry] = value;
}

void PmpRegisters::write_addr(unsigned entry, std::uint64_t value) {
    if (!address_locked(entry)) addr[entry] = value & mask(53, 0);
}

void Pmp::configure(const PmpRegisters& registers, bool implemented) {
    implemented_ = implemented;
    count_ = 0;
    for (unsigned i = 0; i < PmpRegisters::ENTRIES; ++i) {
        const std::uint64_t address = registers.addr[i];
        Region region{.cfg = registers.cfg[i]};
        switch (region.cfg & PMP_A) {
        case PMP_A_TOR: {
            region.first = i == 0 ? 0 : registers.addr[i - 1] << 2;
            if (region.first >= address << 2) continue;  // an empty range matches nothing
            region.last = (address << 2) - 1;
            break;
        }
        case PMP_A_NA4:
            region.first = address << 2;
            region.last = region.first + 3;
            break;
        case PMP_A_NAPOT: {  // n ones at the bottom: 2^(n+3) bytes
            const std::uint64_t span = (std::uint64_t{8} << std::countr_one(address)) - 1;
            region.first = (address << 2) & ~span;
            region.last = region.first | span;
            break;
        }
        default: continue;
        }
        regions_[count_++] = region;
    }
}

bool Pmp::check(PhysAddr pa, std::uint64_t size, Access access, Privilege privilege) const {
    const std::uint64_t first = pa.value, last = pa.value + (size - 1);
    for (unsigned i = 0; i < count_; ++i) {
        const Region& region = regions_[i];
        if (last < region.first || region.last < first) continue;
        if (first < region.first || region.last < last) return false;
        if (privilege == Privilege::M && !(region.cfg & PMP_L)) return true;
        constexpr std::uint8_t wanted[] = {PMP_X, PMP_R, PMP_W};
        return region.cfg & wanted[static_cast<std::size_t>(access)];
    }
    return privilege == Privilege::M;
}

}  // namespace hartlab
