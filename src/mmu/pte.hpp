// Sv39 page-table entries and virtual addresses [priv 4.3.1, 4.4.1], under the spec's and xv6's names.
//
//     63  62 61 60    54 53        28 27        19 18        10 9   8 7 6 5 4 3 2 1 0
//    | N | PBMT | Reserved | PPN[2]   | PPN[1]    | PPN[0]    | RSW | D A G U X W R V |
//
//     va:  38      30 29      21 20      12 11          0       (bits 63-39 equal bit 38)
//         | VPN[2]   | VPN[1]   | VPN[0]   | page offset |
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/bits.hpp"

namespace hartlab {

inline constexpr std::uint64_t PTE_V = 1 << 0;
inline constexpr std::uint64_t PTE_R = 1 << 1;
inline constexpr std::uint64_t PTE_W = 1 << 2;
inline constexpr std::uint64_t PTE_X = 1 << 3;
inline constexpr std::uint64_t PTE_U = 1 << 4;
inline constexpr std::uint64_t PTE_G = 1 << 5;
inline constexpr std::uint64_t PTE_A = 1 << 6;
inline constexpr std::uint64_t PTE_D = 1 << 7;
inline constexpr std::uint64_t PTE_RSW = 3 << 8;
/// Bits that must be zero while Svnapot (N), Svpbmt (PBMT) and every later extension are absent.
inline constexpr std::uint64_t PTE_RESERVED = mask(63, 54);

inline constexpr int SV39_LEVELS = 3;
inline constexpr std::uint64_t PTES_PER_PAGE = 512;

constexpr std::uint64_t PA2PTE(PhysAddr pa) { return (pa.value >> 12) << 10; }
constexpr PhysAddr PTE2PA(std::uint64_t pte) { return PhysAddr(bits(pte, 53, 10) << PGSHIFT); }
constexpr std::uint64_t PTE_FLAGS(std::uint64_t pte) { return pte & 0x3ff; }
constexpr unsigned PXSHIFT(int level) { return static_cast<unsigned>(PGSHIFT) + 9 * static_cast<unsigned>(level); }
constexpr std::uint64_t PX(int level, VirtAddr va) { return (va.value >> PXSHIFT(level)) & 0x1ff; }

constexpr bool pte_is_leaf(std::uint64_t pte) { return (pte & (PTE_R | PTE_W | PTE_X)) != 0; }
/// Bytes that a leaf at `level` maps: 4 KiB, 2 MiB, 1 GiB.
constexpr std::uint64_t leaf_size(int level) { return std::uint64_t{1} << PXSHIFT(level); }
/// Bits 63-39 equal bit 38 [priv 4.4.1].
constexpr bool sv39_canonical(VirtAddr va) { return static_cast<std::uint64_t>(sign_extend(va.value, 39)) == va.value; }

}  // namespace hartlab
