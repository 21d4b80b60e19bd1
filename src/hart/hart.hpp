// A RISC-V hart: RV64IMAFDC with Zicsr, Zifencei and Zicntr in M, S and U mode. It sees memory through its Mmu and
// nothing of devices. The loop that executes is hart/interpreter.cpp; traps are hart/trap.cpp; CSRs hart/csr.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <unordered_set>

#include "base/fault.hpp"
#include "hart/code_cache.hpp"
#include "hart/semantics/flow.hpp"
#include "hart/state.hpp"
#include "mmu/mmu.hpp"

namespace hartlab {

enum class StopReason : std::uint8_t {
    budget,       // max_instructions were executed, or pause() was called
    trap,         // a trap was taken that the caller asked to see (stop_on_trap)
    breakpoint,   // pc is at a breakpoint; its instruction has not been executed
    watchpoint,   // the last instruction touched a watched address
    waiting,      // wfi, and no interrupt is pending
    interrupted,  // stop() was called
};

/// Which traps end run() after they were taken, for a host that plays the part of the trap handler.
enum class StopOnTrap : std::uint8_t { never, to_supervisor, always };

struct Trap {
    std::uint64_t cause = 0;  // as in scause, interrupt bit included
    std::uint64_t tval = 0;
    std::uint64_t epc = 0;
    Privilege from = Privilege::U;
    Privilege to = Privilege::M;
};

class Hart {
public:
    Hart(Bus& bus, CodeCache& code, TlbGeometry geometry);
    Hart(const Hart&) = delete;
    Hart& operator=(const Hart&) = delete;

    HartState state;
    Mmu mmu;

    /// Executes at most `max_instructions`. A trap counts no instruction; the one that faulted has not retired.
    StopReason run(std::uint64_t max_instructions);

    /// Ends run() soon, from any thread or signal handler; the flag stays up until run() has seen it.
    void stop() { stop_requested_.store(true, std::memory_order_relaxed); }
    bool stop_requested() const { return stop_requested_.load(std::memory_order_relaxed); }
    void clear_stop() { stop_requested_.store(false, std::memory_order_relaxed); }

    /// Ends the present run() after the present instruction, with StopReason::budget: a device wants to be looked at.
    void pause() { pause_ = look_up_ = true; }

    // -- traps --------------------------------------------------------------------------------------------------------
    StopOnTrap stop_on_trap = StopOnTrap::never;
    const Trap& last_trap() const { return last_trap_; }
    /// Takes an exception at the current pc, or an interrupt, delegation included [priv 3.1.8].
    void take_exception(const Fault& fault);
    void take_interrupt(std::uint64_t number);
    /// The pending and enabled interrupt of highest priority, if one may be taken now.
    std::optional<std::uint64_t> pending_interrupt() const;

    // -- registers ------------------------------------------------------------------------------------------------------
    /// By number, with the rights of the current privilege; illegal_instruction (tval 0) when absent or not allowed.
    Result<std::uint64_t> read_csr(std::uint32_t number);
    /// False under the same conditions, and for a read-only CSR. WARL fields take the nearest legal value.
    bool write_csr(std::uint32_t number, std::uint64_t value);
    /// Changes mode, and with it how the MMU judges accesses.
    void set_privilege(Privilege privilege);
    /// Must follow every direct change of state.privilege, state.csr.mstatus or state.csr.satp (a restore, a kernel model).
    void synchronise_mmu();

    /// The time CSR: ticks of the virtual clock.
    std::uint64_t time() const { return state.time_base + state.retired / instructions_per_tick; }
    std::uint64_t instructions_per_tick = 1;

    // -- for the instructions' meanings (hart/semantics) ------------------------------------------------------------------
    /// Notes the fault that the instruction ends in.
    Completion raise(const Fault& fault) {
        fault_ = fault;
        return Completion::faulted;
    }
    Completion memory_fault() { return raise(mmu.fault()); }
    Completion illegal(const Instruction& i) { return raise({Cause::illegal_instruction, i.bits}); }
    Return return_from_machine_trap(const Instruction& i);
    Return return_from_supervisor_trap(const Instruction& i);
    Completion wait_for_interrupt(const Instruction& i);
    Completion fence_translations(const Instruction& i);

    // -- options ----------------------------------------------------------------------------------------------------
    bool hardware_ad = true;  // Svadu; false is Svade
    /// Of virtual addresses. The instruction at which run() begins is executed even if it has one.
    std::unordered_set<std::uint64_t> breakpoints;

private:
    std::optional<StopReason> execute(std::uint64_t limit);
    template <bool CAREFUL>
    std::optional<StopReason> execute(std::uint64_t limit);
    template <auto MEANING>
    bool perform(const Instruction& instruction);
    const Instruction* fetch();
    const Instruction* fetch_slow();
    bool stops_on(Privilege to) const {
        return stop_on_trap == StopOnTrap::always || (stop_on_trap == StopOnTrap::to_supervisor && to == Privilege::S);
    }
    bool csr_accessible(std::uint32_t number) const;
    bool counter_enabled(std::uint64_t enable_bit) const;
    std::uint64_t counter(std::uint64_t offset, std::uint64_t inhibit_bit) const;
    void enter_trap(std::uint64_t cause, std::uint64_t tval, std::uint64_t delegation);

    CodeCache* code_;
    std::uint64_t code_generation_ = 0;
    Instruction crossing_{};  // one that lies across two pages, which the code cache does not keep
    Fault fault_;
    Trap last_trap_;
    std::atomic<bool> stop_requested_{false};
    bool pause_ = false;
    bool look_up_ = false;  // mode, translation or interrupts may have changed: back to the outer loop
};

}  // namespace hartlab
