// The satp register [priv 4.1.11]: MODE in bits 63-60, ASID in 59-44, PPN of the root page table in 43-0.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bits.hpp"

namespace hartlab {

inline constexpr std::uint64_t SATP_SV39 = std::uint64_t{8} << 60;
inline constexpr std::uint64_t SATP_MODE_BARE = 0;
inline constexpr std::uint64_t SATP_MODE_SV39 = 8;

constexpr std::uint64_t MAKE_SATP(PhysAddr pagetable, std::uint64_t asid = 0) {
    return SATP_SV39 | (asid << 44) | (pagetable.value >> PGSHIFT);
}
constexpr std::uint64_t satp_mode(std::uint64_t satp) { return bits(satp, 63, 60); }
constexpr std::uint16_t satp_asid(std::uint64_t satp) { return static_cast<std::uint16_t>(bits(satp, 59, 44)); }
constexpr PhysAddr satp_root(std::uint64_t satp) { return base_of(Ppn(bits(satp, 43, 0))); }

}  // namespace hartlab
