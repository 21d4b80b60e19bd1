// Environment calls, returns from traps, fences of translation and access to CSRs [priv 3.3, 4.2.1; unpriv 9].
#pragma once

#include "hart/semantics/integer.hpp"

namespace hartlab::semantics {

inline Completion ecall(Hart& h, const Slot&) {
    const auto from = static_cast<std::uint64_t>(h.state.privilege);
    return h.raise({static_cast<Cause>(static_cast<std::uint64_t>(Cause::ecall_from_u) + from), 0});
}
inline Completion ebreak(Hart& h, const Slot&) { return h.raise({Cause::breakpoint, h.state.pc}); }
inline Return mret(Hart& h, const Slot& i) { return h.return_from_machine_trap(i); }
inline Return sret(Hart& h, const Slot& i) { return h.return_from_supervisor_trap(i); }
inline Completion wfi(Hart& h, const Slot& i) { return h.wait_for_interrupt(i); }
inline Completion sfence_vma(Hart& h, const Slot& i) { return h.fence_translations(i); }

/// csrrw, csrrs and csrrc in both operand forms. A CSR is not read for csrrw with rd = x0, and not written for csrrs or
/// csrrc with rs1 = x0 (or an immediate of 0), which then may name a read-only one. [unpriv Table 9.1]
enum class CsrWrite : std::uint8_t { replace, set, clear };

template <CsrWrite HOW>
constexpr std::uint64_t written(std::uint64_t old, std::uint64_t operand) {
    switch (HOW) {
    case CsrWrite::set: return old | operand;
    case CsrWrite::clear: return old & ~operand;
    default: return operand;
    }
}

/// Does the access if it is to a register of which Hart::plain_csr() says that nothing hangs on it.
template <CsrWrite HOW>
inline bool access_plain_csr(Hart& h, const Slot& i, std::uint64_t operand) {
    const auto number = static_cast<std::uint32_t>(i.imm);
    std::uint64_t* const csr = h.plain_csr(number);
    if (!csr) return false;
    const std::uint64_t old = *csr;
    const bool epc = number == csr_numbers::SEPC || number == csr_numbers::MEPC;
    if (HOW == CsrWrite::replace || i.rs1 != 0) *csr = written<HOW>(old, operand) & ~std::uint64_t{epc};
    rd(h, i) = old;
    return true;
}

template <CsrWrite HOW>
inline Completion access_csr(Hart& h, const Slot& i, std::uint64_t operand) {
    const auto number = static_cast<std::uint32_t>(i.imm);
    const bool reads = HOW != CsrWrite::replace || i.rd != SINK;
    const bool writes = HOW == CsrWrite::replace || i.rs1 != 0;
    std::uint64_t old = 0;
    if (reads) {
        const Result<std::uint64_t> read = h.read_csr(number);
        if (!read) return h.illegal(i);
        old = *read;
    }
    if (writes) {
        // A counter does not count the instruction that writes it [priv 3.1.10].
        if (!h.write_csr(number, written<HOW>(h.modifiable(number, old), operand), h.state.retired + 1))
            return h.illegal(i);
    }
    rd(h, i) = old;
    return Completion::done;
}

inline Completion csrrw(Hart& h, const Slot& i) { return access_csr<CsrWrite::replace>(h, i, rs1(h, i)); }
inline Completion csrrs(Hart& h, const Slot& i) { return access_csr<CsrWrite::set>(h, i, rs1(h, i)); }
inline Completion csrrc(Hart& h, const Slot& i) { return access_csr<CsrWrite::clear>(h, i, rs1(h, i)); }
inline Completion csrrwi(Hart& h, const Slot& i) { return access_csr<CsrWrite::replace>(h, i, i.rs1); }
inline Completion csrrsi(Hart& h, const Slot& i) { return access_csr<CsrWrite::set>(h, i, i.rs1); }
inline Completion csrrci(Hart& h, const Slot& i) { return access_csr<CsrWrite::clear>(h, i, i.rs1); }

}  // namespace hartlab::semantics
