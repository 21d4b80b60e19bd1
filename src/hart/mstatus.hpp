// Fields of mstatus and of the interrupt registers [priv 3.1.6, 3.1.9], by the spec's names.
#pragma once

#include <cstdint>

#include "base/bits.hpp"

namespace hartlab {

inline constexpr std::uint64_t MSTATUS_SIE = 1 << 1;
inline constexpr std::uint64_t MSTATUS_MIE = 1 << 3;
inline constexpr std::uint64_t MSTATUS_SPIE = 1 << 5;
inline constexpr std::uint64_t MSTATUS_MPIE = 1 << 7;
inline constexpr std::uint64_t MSTATUS_SPP = 1 << 8;
inline constexpr std::uint64_t MSTATUS_MPP = 3 << 11;
inline constexpr std::uint64_t MSTATUS_FS = 3 << 13;
inline constexpr std::uint64_t MSTATUS_MPRV = 1 << 17;
inline constexpr std::uint64_t MSTATUS_SUM = 1 << 18;
inline constexpr std::uint64_t MSTATUS_MXR = 1 << 19;
inline constexpr std::uint64_t MSTATUS_TVM = 1 << 20;
inline constexpr std::uint64_t MSTATUS_TW = 1 << 21;
inline constexpr std::uint64_t MSTATUS_TSR = 1 << 22;
inline constexpr std::uint64_t MSTATUS_UXL = std::uint64_t{3} << 32;
inline constexpr std::uint64_t MSTATUS_SXL = std::uint64_t{3} << 34;
inline constexpr std::uint64_t MSTATUS_SD = std::uint64_t{1} << 63;

/// XLEN of U and S mode is 64 and cannot be changed.
inline constexpr std::uint64_t MSTATUS_XL64 = (std::uint64_t{2} << 32) | (std::uint64_t{2} << 34);

inline constexpr std::uint64_t INTERRUPT_SSI = 1, INTERRUPT_MSI = 3, INTERRUPT_STI = 5, INTERRUPT_MTI = 7,
                               INTERRUPT_SEI = 9, INTERRUPT_MEI = 11;
inline constexpr std::uint64_t MIP_SSIP = 1 << INTERRUPT_SSI, MIP_MSIP = 1 << INTERRUPT_MSI,
                               MIP_STIP = 1 << INTERRUPT_STI, MIP_MTIP = 1 << INTERRUPT_MTI,
                               MIP_SEIP = 1 << INTERRUPT_SEI, MIP_MEIP = 1 << INTERRUPT_MEI;

/// What devices drive; mip.SEIP can also be written, and mip.STIP is Sstc's when menvcfg.STCE is set.
inline constexpr std::uint64_t INTERRUPT_LINES = MIP_MSIP | MIP_MTIP | MIP_MEIP | MIP_SEIP;

// menvcfg [priv 3.1.18; Sstc 2.1; Svadu 1.1]
inline constexpr std::uint64_t MENVCFG_FIOM = 1 << 0;
inline constexpr std::uint64_t MENVCFG_ADUE = std::uint64_t{1} << 61;
inline constexpr std::uint64_t MENVCFG_STCE = std::uint64_t{1} << 63;

}  // namespace hartlab
