// A RISC-V hart: RV64IMAFDC with Zicsr, Zifencei and Zicntr in M, S and U mode. It sees memory through its Mmu and
// nothing of devices. The loop that executes is hart/interpreter.cpp; traps are hart/trap.cpp; CSRs hart/csr.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <unordered_set>

#include "base/fault.hpp"
#include "hart/code_cache.hpp"
#include "hart/state.hpp"
#include "mmu/mmu.hpp"

namespace hartlab {

enum class StopReason : std::uint8_t {
    budget,       // max_instructions were executed
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

    // -- options ----------------------------------------------------------------------------------------------------
    bool hardware_ad = true;  // Svadu; false is Svade
    std::unordered_set<std::uint64_t> breakpoints;
    /// One instruction passes over a breakpoint at the pc where run() begins.
    bool skip_first_breakpoint = true;

private:
    friend struct Executor;
    template <bool Careful>
    StopReason execute(std::uint64_t limit);
    bool fetch_slow(Instruction& instruction);
    void after_interrupt_change() { leave_loop_ = true; }

    CodeCache* code_;
    Trap last_trap_;
    std::atomic<bool> stop_requested_{false};
    bool leave_loop_ = false;  // interrupts, mode or translation may have changed: look again before the next instruction
};

}  // namespace hartlab
