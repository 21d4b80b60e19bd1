// Physical memory protection [priv 3.7]: which of the addresses that come out of translation a mode may use.
//
// The registers are state and are kept with the CSRs; a Pmp is what they say, as ranges. It is asked on the MMU's slow
// path only: a page goes into a host cache if the whole of it is allowed, so that hits have nothing to ask.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/fault.hpp"
#include "mmu/privilege.hpp"

namespace hartlab {

inline constexpr std::uint8_t PMP_R = 1 << 0, PMP_W = 1 << 1, PMP_X = 1 << 2, PMP_A = 3 << 3, PMP_L = 1 << 7;
inline constexpr std::uint8_t PMP_A_OFF = 0 << 3, PMP_A_TOR = 1 << 3, PMP_A_NA4 = 2 << 3, PMP_A_NAPOT = 3 << 3;

/// pmpcfg by the byte, and pmpaddr: address bits 55 to 2.
struct PmpRegisters {
    static constexpr unsigned ENTRIES = 16;
    std::array<std::uint8_t, ENTRIES> cfg{};
    std::array<std::uint64_t, ENTRIES> addr{};

    bool locked(unsigned entry) const { return cfg[entry] & PMP_L; }
    /// A locked entry keeps its address, and as the top of a range the address below it, too [priv 3.7.1].
    bool address_locked(unsigned entry) const {
        return locked(entry) || (entry + 1 < ENTRIES && locked(entry + 1) && (cfg[entry + 1] & PMP_A) == PMP_A_TOR);
    }
    /// Writes a byte of pmpcfg: nothing if it is locked; W without R is reserved, and becomes neither.
    void write_cfg(unsigned entry, std::uint8_t value);
    void write_addr(unsigned entry, std::uint64_t value);

    friend bool operator==(const PmpRegisters&, const PmpRegisters&) = default;
};

class Pmp {
public:
    /// `implemented`: whether there are entries at all; without, everything is allowed.
    void configure(const PmpRegisters& registers, bool implemented);
    bool implemented() const { return implemented_; }

    /// Whether all of [pa, pa + size) is allowed: the entry of lowest number that matches any byte of it must match every
    /// byte, and decides. In M-mode, entries that are not locked allow everything, and so does none; in S- and U-mode, none
    /// allows nothing.
    bool allows(PhysAddr pa, std::uint64_t size, Access access, Privilege privilege) const {
        return !implemented_ || check(pa, size, access, privilege);
    }

private:
    bool check(PhysAddr pa, std::uint64_t size, Access access, Privilege privilege) const;

    struct Region {
        std::uint64_t first = 0, last = 0;  // bytes, both included
        std::uint8_t cfg = 0;
    };
    std::array<Region, PmpRegisters::ENTRIES> regions_{};  // those that are not off, by number
    unsigned count_ = 0;
    bool implemented_ = false;
};

}  // namespace hartlab
