// Distinct types for the four kinds of number that an MMU must never confuse.
// A VirtAddr and a PhysAddr, a Vpn and a Ppn do not convert into each other; only translation does that.
#pragma once

#include <compare>
#include <cstdint>

namespace hartlab {

inline constexpr std::uint64_t PGSHIFT = 12;
inline constexpr std::uint64_t PGSIZE = std::uint64_t{1} << PGSHIFT;

template <class Tag>
struct Address {
    std::uint64_t value = 0;

    constexpr Address() = default;
    constexpr explicit Address(std::uint64_t v) : value(v) {}

    friend constexpr auto operator<=>(Address, Address) = default;
    friend constexpr Address operator+(Address a, std::uint64_t n) { return Address(a.value + n); }
    friend constexpr Address operator-(Address a, std::uint64_t n) { return Address(a.value - n); }
    friend constexpr std::uint64_t operator-(Address a, Address b) { return a.value - b.value; }
    constexpr Address& operator+=(std::uint64_t n) {
        value += n;
        return *this;
    }

    /// The null pointer of the simulated kernel: xv6 uses 0 for "none".
    constexpr explicit operator bool() const { return value != 0; }
    constexpr std::uint64_t page_offset() const { return value & (PGSIZE - 1); }
    constexpr bool page_aligned() const { return page_offset() == 0; }
    constexpr Address page_base() const { return Address(value & ~(PGSIZE - 1)); }
};

using VirtAddr = Address<struct VirtAddrTag>;
using PhysAddr = Address<struct PhysAddrTag>;

template <class Tag>
struct PageNumber {
    std::uint64_t value = 0;

    constexpr PageNumber() = default;
    constexpr explicit PageNumber(std::uint64_t v) : value(v) {}
    friend constexpr auto operator<=>(PageNumber, PageNumber) = default;
};

using Vpn = PageNumber<struct VpnTag>;
using Ppn = PageNumber<struct PpnTag>;

/// The whole page number of a virtual address, sign bits included, so that a non-canonical address has one of its own.
constexpr Vpn vpn_of(VirtAddr va) { return Vpn(va.value >> PGSHIFT); }
constexpr Ppn ppn_of(PhysAddr pa) { return Ppn(pa.value >> PGSHIFT); }
constexpr PhysAddr base_of(Ppn ppn) { return PhysAddr(ppn.value << PGSHIFT); }

constexpr std::uint64_t PGROUNDUP(std::uint64_t size) { return (size + PGSIZE - 1) & ~(PGSIZE - 1); }
constexpr std::uint64_t PGROUNDDOWN(std::uint64_t address) { return address & ~(PGSIZE - 1); }

}  // namespace hartlab
