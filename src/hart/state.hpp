// Everything architectural about a hart but its TLB: a plain value, copied to save a hart and assigned to restore it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "hart/mstatus.hpp"
#include "mmu/pmp.hpp"
#include "mmu/privilege.hpp"

namespace hartlab {

/// The CSRs that hold state, by the privileged spec's names; hart/csr.cpp knows their WARL rules and views (sstatus, sie).
struct Csrs {
    // machine
    std::uint64_t mstatus = 0, medeleg = 0, mideleg = 0, mie = 0, mip = 0;
    std::uint64_t mtvec = 0, mscratch = 0, mepc = 0, mcause = 0, mtval = 0;
    std::uint64_t mcounteren = 0, mcountinhibit = 0, menvcfg = MENVCFG_ADUE, mhartid = 0;
    bool seip_written = false;  // mip.SEIP is the OR of this, which M-mode writes, and the external line [priv 3.1.9]
    PmpRegisters pmp;
    // supervisor
    std::uint64_t stvec = 0, sscratch = 0, sepc = 0, scause = 0, stval = 0;
    std::uint64_t scounteren = 0, senvcfg = 0, satp = 0, stimecmp = ~std::uint64_t{0};
    // user: the two halves of fcsr
    std::uint8_t fflags = 0, frm = 0;
    // mcycle and minstret read the count of retired instructions plus these; or these alone, while they are inhibited
    std::uint64_t mcycle_offset = 0, minstret_offset = 0;

    friend bool operator==(const Csrs&, const Csrs&) = default;
};

struct HartState {
    /// x[32] takes the writes that instructions make to x0, which stays 0.
    std::array<std::uint64_t, 33> x{};
    std::array<std::uint64_t, 32> f{};  // singles are NaN-boxed
    std::uint64_t pc = 0;
    Privilege privilege = Privilege::M;
    Csrs csr;
    std::optional<PhysAddr> reservation;  // of lr, until the next sc, trap return or switch
    std::uint64_t retired = 0;            // instructions; never written by the guest
    std::uint64_t time_base = 0;          // ticks that were skipped while the hart waited,
    std::uint64_t waited = 0;             // and the time of so many instructions
    bool waiting = false;                 // stopped in wfi
    std::uint64_t interrupt_lines = 0;    // what devices drive: MSIP, MTIP, MEIP and SEIP, at their places in mip
    std::uint64_t trapped_at = 0;         // `retired` when the last exception was taken
    std::uint64_t fruitless_traps = 0;  // in a row, from a handler's first instruction to itself, with nothing retired

    std::uint64_t time(std::uint64_t instructions_per_tick) const {
        return time_base + (retired + waited) / instructions_per_tick;
    }

    friend bool operator==(const HartState&, const HartState&) = default;
};

}  // namespace hartlab
