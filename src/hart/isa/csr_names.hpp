// The control and status registers by name and number: the one list of them.  [priv "CSR Listing"]
//
//   X(number, name)
//
// Only names. Which of them this hart implements, and what their fields do, is for the hart's CSR file to say; a
// name here is enough for the assembler and disassembler. Bits 9:8 of a number are the lowest privilege that may
// use it, bits 11:10 equal to 3 mean read-only [unpriv "CSR Address Mapping Conventions"].
//
// Families that only count (pmpaddr0 to pmpaddr63) are in CSR_FAMILIES, not a row each.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// clang-format off: the rows are a table.
#define HARTLAB_CSRS(X) \
    /* Unprivileged: floating point, Zicntr */ \
    X(0x001, fflags)     X(0x002, frm)        X(0x003, fcsr)                              \
    X(0xc00, cycle)      X(0xc01, time)       X(0xc02, instret)                           \
    /* Supervisor */ \
    X(0x100, sstatus)    X(0x104, sie)        X(0x105, stvec)      X(0x106, scounteren)   \
    X(0x10a, senvcfg)    X(0x140, sscratch)   X(0x141, sepc)       X(0x142, scause)       \
    X(0x143, stval)      X(0x144, sip)        X(0x14d, stimecmp)   X(0x180, satp)         \
    X(0x5a8, scontext)                                                                    \
    /* Machine */ \
    X(0xf11, mvendorid)  X(0xf12, marchid)    X(0xf13, mimpid)     X(0xf14, mhartid)      \
    X(0xf15, mconfigptr) X(0x300, mstatus)    X(0x301, misa)       X(0x302, medeleg)      \
    X(0x303, mideleg)    X(0x304, mie)        X(0x305, mtvec)      X(0x306, mcounteren)   \
    X(0x30a, menvcfg)    X(0x340, mscratch)   X(0x341, mepc)       X(0x342, mcause)       \
    X(0x343, mtval)      X(0x344, mip)        X(0x747, mseccfg)                           \
    X(0xb00, mcycle)     X(0xb02, minstret)   X(0x320, mcountinhibit)                     \
    /* Debug and trace */ \
    X(0x7a0, tselect)    X(0x7a1, tdata1)     X(0x7a2, tdata2)     X(0x7a3, tdata3)       \
    X(0x7a4, tinfo)                                                                       \
    X(0x7a8, mcontext)   X(0x7b0, dcsr)       X(0x7b1, dpc)                               \
    X(0x7b2, dscratch0)  X(0x7b3, dscratch1)
// clang-format on

namespace hartlab {

// `name` followed by first, first + step, ... last; the one called `name`k has number base + k.
struct CsrFamily {
    std::string_view name;
    std::uint16_t base;
    std::uint8_t first, last, step;
};

inline constexpr CsrFamily CSR_FAMILIES[] = {
    {"hpmcounter", 0xc00, 3, 31, 1}, {"mhpmcounter", 0xb00, 3, 31, 1},
    {"mhpmevent", 0x320, 3, 31, 1},  {"pmpcfg", 0x3a0, 0, 14, 2},  // the odd ones exist on RV32 only
    {"pmpaddr", 0x3b0, 0, 63, 1},
};

// The number of a CSR that has this name.
inline std::optional<std::uint16_t> csr_number(std::string_view name) {
#define X(number, csr)                                                                                                 \
    if (name == #csr) return std::uint16_t{number};
    HARTLAB_CSRS(X)
#undef X
    for (const CsrFamily& family : CSR_FAMILIES) {
        if (!name.starts_with(family.name)) continue;
        const std::string_view digits = name.substr(family.name.size());
        unsigned index = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (error != std::errc{} || end != digits.data() + digits.size()) continue;
        if (digits.size() > 1 && digits[0] == '0') continue;
        if (index < family.first || index > family.last || (index - family.first) % family.step != 0) continue;
        return static_cast<std::uint16_t>(family.base + index);
    }
    return std::nullopt;
}

// The name of a CSR; empty when the number has none.
inline std::string csr_name(std::uint16_t number) {
    switch (number) {
#define X(n, csr)                                                                                                      \
    case n: return #csr;
        HARTLAB_CSRS(X)
#undef X
    default: break;
    }
    for (const CsrFamily& family : CSR_FAMILIES) {
        const int index = number - family.base;
        if (index >= family.first && index <= family.last && (index - family.first) % family.step == 0)
            return std::string(family.name) + std::to_string(index);
    }
    return {};
}

}  // namespace hartlab
