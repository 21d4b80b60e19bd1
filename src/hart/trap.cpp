// Traps and the returns from them [priv 3.1.6.1, 3.1.8, 3.1.9, 3.3.2], and what else changes mode or translation.
#include <algorithm>
#include <utility>

#include "hart/hart.hpp"
#include "hart/mstatus.hpp"
#include "hart/trap_log.hpp"

namespace hartlab {

namespace {

/// Where a trap goes: BASE, or for an interrupt in vectored mode BASE + 4 x cause [priv 3.1.7].
std::uint64_t trap_vector(std::uint64_t tvec, std::uint64_t cause) {
    const std::uint64_t base = tvec & ~std::uint64_t{3};
    const bool vectored = (tvec & 3) == 1 && (cause & CAUSE_INTERRUPT);
    return vectored ? base + 4 * (cause & ~CAUSE_INTERRUPT) : base;
}

std::uint64_t field(bool value, std::uint64_t field_mask) { return value ? field_mask : 0; }

}  // namespace

void Hart::take_exception(const Fault& fault) {
    const std::uint64_t trapped_before = std::exchange(state.trapped_at, state.retired);
    enter_trap(static_cast<std::uint64_t>(fault.cause), fault.tval, state.csr.medeleg);
    // Time stands still while nothing retires, so the same trap again and again from the same state will never end. (The
    // first may differ from the second: it changes mstatus, which an access with MPRV depends on.)
    const bool nothing_new =
        trapped_before == state.retired && last_trap_.epc == state.pc && last_trap_.from == last_trap_.to;
    state.fruitless_traps = nothing_new ? state.fruitless_traps + 1 : 0;
}

void Hart::take_interrupt(std::uint64_t number) {
    state.waiting = false;
    enter_trap(CAUSE_INTERRUPT | number, 0, state.csr.mideleg);
}

void Hart::enter_trap(std::uint64_t cause, std::uint64_t tval, std::uint64_t delegation) {
    Csrs& csr = state.csr;
    const Privilege from = state.privilege;
    const bool to_supervisor = from != Privilege::M && bit(delegation, static_cast<unsigned>(cause & 63));
    const Privilege to = to_supervisor ? Privilege::S : Privilege::M;
    last_trap_ = {.cause = cause, .tval = tval, .epc = state.pc, .from = from, .to = to};
    turn_of = nullptr;
    if (trap_log) [[unlikely]] {
        TrapRecord record{.time = time(),
                          .instructions = state.retired,
                          .hart = csr.mhartid,
                          .cause = cause,
                          .tval = tval,
                          .epc = state.pc,
                          .satp = csr.satp,
                          .from = from,
                          .to = to};
        std::copy_n(state.x.begin() + 10, record.a.size(), record.a.begin());
        trap_log->add(record);
    }
    if (to_supervisor) {
        csr.sepc = state.pc;
        csr.scause = cause;
        csr.stval = tval;
        const bool sie = csr.mstatus & MSTATUS_SIE;
        csr.mstatus = replace_bits(csr.mstatus, MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SIE,
                                   field(sie, MSTATUS_SPIE) | field(from == Privilege::S, MSTATUS_SPP));
        state.pc = trap_vector(csr.stvec, cause);
    } else {
        csr.mepc = state.pc;
        csr.mcause = cause;
        csr.mtval = tval;
        const bool mie = csr.mstatus & MSTATUS_MIE;
        csr.mstatus = replace_bits(csr.mstatus, MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MIE,
                                   field(mie, MSTATUS_MPIE) | static_cast<std::uint64_t>(from) << 11);
        state.pc = trap_vector(csr.mtvec, cause);
    }
    set_privilege(to);
}

std::optional<std::uint64_t> Hart::pending_interrupt() const {
    const Csrs& csr = state.csr;
    const std::uint64_t pending = csr.mip & csr.mie;
    if (pending == 0) return std::nullopt;
    const bool machine_enabled = state.privilege != Privilege::M || (csr.mstatus & MSTATUS_MIE);
    const bool supervisor_enabled =
        state.privilege == Privilege::U || (state.privilege == Privilege::S && (csr.mstatus & MSTATUS_SIE));
    const std::uint64_t to_machine = machine_enabled ? pending & ~csr.mideleg : 0;
    const std::uint64_t to_supervisor = supervisor_enabled ? pending & csr.mideleg : 0;
    const std::uint64_t takeable = to_machine ? to_machine : to_supervisor;
    for (const std::uint64_t number : {INTERRUPT_MEI, INTERRUPT_MSI, INTERRUPT_MTI,  // by priority [priv 3.1.9]
                                       INTERRUPT_SEI, INTERRUPT_SSI, INTERRUPT_STI}) {
        if (bit(takeable, static_cast<unsigned>(number))) return number;
    }
    return std::nullopt;
}

void Hart::update_interrupts() {
    Csrs& csr = state.csr;
    csr.mip = replace_bits(csr.mip, INTERRUPT_LINES, state.interrupt_lines | field(csr.seip_written, MIP_SEIP));
    if (csr.menvcfg & MENVCFG_STCE) csr.mip = replace_bits(csr.mip, MIP_STIP, field(time() >= csr.stimecmp, MIP_STIP));
    look_up_ = true;
}

std::uint64_t Hart::ticks_to_supervisor_timer() const {
    if (!(state.csr.menvcfg & MENVCFG_STCE)) return ~std::uint64_t{0};
    const std::uint64_t now = time();
    return now >= state.csr.stimecmp ? 0 : state.csr.stimecmp - now;
}

Return Hart::return_from_machine_trap(const Slot& i) {
    if (state.privilege != Privilege::M) {
        illegal(i);
        return std::nullopt;
    }
    std::uint64_t& mstatus = state.csr.mstatus;
    const auto to = static_cast<Privilege>(bits(mstatus, 12, 11));
    const bool mpie = mstatus & MSTATUS_MPIE;
    mstatus = replace_bits(mstatus, MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP, field(mpie, MSTATUS_MIE) | MSTATUS_MPIE);
    if (to != Privilege::M) mstatus &= ~MSTATUS_MPRV;
    state.reservation.reset();
    set_privilege(to);
    return Target{state.csr.mepc};
}

Return Hart::return_from_supervisor_trap(const Slot& i) {
    std::uint64_t& mstatus = state.csr.mstatus;
    if (state.privilege == Privilege::U || (state.privilege == Privilege::S && (mstatus & MSTATUS_TSR))) {
        illegal(i);
        return std::nullopt;
    }
    const Privilege to = mstatus & MSTATUS_SPP ? Privilege::S : Privilege::U;
    const bool spie = mstatus & MSTATUS_SPIE;
    mstatus = replace_bits(mstatus, MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP, field(spie, MSTATUS_SIE) | MSTATUS_SPIE);
    mstatus &= ~MSTATUS_MPRV;
    state.reservation.reset();
    set_privilege(to);
    return Target{state.csr.sepc};
}

Completion Hart::wait_for_interrupt(const Slot& i) {
    const bool allowed =
        state.privilege == Privilege::M || (state.privilege == Privilege::S && !(state.csr.mstatus & MSTATUS_TW));
    if (!allowed) return illegal(i);
    state.waiting = true;
    look_up_ = true;
    return Completion::done;
}

Completion Hart::fence_translations(const Slot& i) {
    const bool allowed =
        state.privilege == Privilege::M || (state.privilege == Privilege::S && !(state.csr.mstatus & MSTATUS_TVM));
    if (!allowed) return illegal(i);
    const auto va = i.rs1 ? std::optional(VirtAddr(state.x[i.rs1])) : std::nullopt;
    const auto asid = i.rs2 ? std::optional(static_cast<std::uint16_t>(state.x[i.rs2])) : std::nullopt;
    mmu.sfence_vma(va, asid);
    return Completion::done;
}

void Hart::set_privilege(Privilege privilege) {
    state.privilege = privilege;
    synchronise_mmu();
}

void Hart::synchronise_mmu() {
    if (host_fp_)
        count_fetches(true);  // inside the loop: the instruction that changes the context was fetched in the old one
    const std::uint64_t mstatus = state.csr.mstatus;
    const AccessContext fetch{.privilege = state.privilege,
                              .sum = (mstatus & MSTATUS_SUM) != 0,
                              .mxr = (mstatus & MSTATUS_MXR) != 0,
                              .hardware_ad = hardware_ad && (state.csr.menvcfg & MENVCFG_ADUE)};
    AccessContext data = fetch;
    if (state.privilege == Privilege::M && (mstatus & MSTATUS_MPRV)) {
        data.privilege = static_cast<Privilege>(bits(mstatus, 12, 11));
    }
    mmu.set_satp(state.csr.satp);
    mmu.set_context(fetch, data);
    look_up_ = true;
}

void Hart::synchronise() {
    mmu.set_pmp(state.csr.pmp, pmp_implemented);
    synchronise_mmu();
}

}  // namespace hartlab
