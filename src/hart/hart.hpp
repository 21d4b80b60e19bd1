// A RISC-V hart: RV64IMAFDC with Zba, Zbb, Zbs, Zicsr, Zifencei and Zicntr in M, S and U mode. It sees memory through its Mmu and
// nothing of devices. What executes is hart/interpreter.cpp (run, fetch) around
// hart/threaded_loop.cpp (the hot loop) and hart/semantics (what instructions mean); traps are hart/trap.cpp; CSRs hart/csr.cpp.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <unordered_set>

#include "base/fault.hpp"
#include "hart/code_cache.hpp"
#include "hart/csr_numbers.hpp"
#include "hart/fp/host_scope.hpp"
#include "hart/ledger.hpp"
#include "hart/semantics/flow.hpp"
#include "hart/state.hpp"
#include "hart/techniques.hpp"
#include "mmu/mmu.hpp"

namespace hartlab {

enum class StopReason : std::uint8_t {
    budget,       // max_instructions were executed, or pause() was called
    trap,         // a trap was taken that the caller asked to see (stop_on_trap)
    breakpoint,   // pc is at a breakpoint; its instruction has not been executed
    watchpoint,   // the last instruction touched a watched address
    waiting,      // wfi, and no interrupt is pending
    interrupted,  // stop() was called
    trap_loop,    // the first instruction of a trap handler traps into that handler, for ever: nothing retires any more
    // of the machine around the hart
    power_off,  // the guest has switched the power off, with an exit code
    reset,      // the guest has asked for a reset
    output,     // the console has printed what was waited for
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

struct MemoryLoop;
class TrapLog;

class Hart {
public:
    Hart(Bus& bus, CodeCache& code, TlbGeometry geometry);
    Hart(const Hart&) = delete;
    Hart& operator=(const Hart&) = delete;

    HartState state;
    Mmu mmu;

    /// Executes at most `max_instructions`. A trap counts no instruction; the one that faulted has not retired.
    /// `resuming`: the last run may have stopped on a breakpoint at pc, which is passed over.
    StopReason run(std::uint64_t max_instructions, bool resuming = true);

    /// Ends run() soon, from any thread or signal handler; the flag stays up until run() has seen it.
    void stop() { stop_requested_.store(true, std::memory_order_relaxed); }
    bool stop_requested() const { return stop_requested_.load(std::memory_order_relaxed); }
    void clear_stop() { stop_requested_.store(false, std::memory_order_relaxed); }

    /// Ends the present run() after the present instruction, with StopReason::budget: a device wants to be looked at.
    void pause() { pause_ = look_up_ = true; }

    // -- traps --------------------------------------------------------------------------------------------------------
    StopOnTrap stop_on_trap = StopOnTrap::never;
    const Trap& last_trap() const { return last_trap_; }
    /// Where traps are recorded, if anybody wants that; outlives the runs.
    TrapLog* trap_log = nullptr;
    /// Takes an exception at the current pc, or an interrupt, delegation included [priv 3.1.8].
    void take_exception(const Fault& fault);
    void take_interrupt(std::uint64_t number);
    /// Whether run() would end, or has ended, with trap_loop, unless somebody has changed something since.
    bool in_trap_loop() const { return state.fruitless_traps >= 3 && state.trapped_at == state.retired; }
    /// The pending and enabled interrupt of highest priority, if one may be taken now.
    std::optional<std::uint64_t> pending_interrupt() const;
    /// What devices drive from now on: bits of INTERRUPT_LINES.
    void set_interrupt_lines(std::uint64_t lines) {
        state.interrupt_lines = lines;
        update_interrupts();
    }
    /// Makes mip what the lines, the clock and menvcfg.STCE say.
    void update_interrupts();
    /// Ticks from now to the interrupt of stimecmp: 0 when it is pending, and the most there is without Sstc.
    std::uint64_t ticks_to_supervisor_timer() const;

    // -- registers ------------------------------------------------------------------------------------------------------
    /// By number, with the rights of the current privilege; illegal_instruction (tval 0) when absent or not allowed.
    Result<std::uint64_t> read_csr(std::uint32_t number);
    /// False under the same conditions, and for a read-only CSR. WARL fields take the nearest legal value.
    /// `retired_after` is what state.retired will be when the write is done: an instruction's is one more than now.
    bool write_csr(std::uint32_t number, std::uint64_t value) { return write_csr(number, value, state.retired); }
    bool write_csr(std::uint32_t number, std::uint64_t value, std::uint64_t retired_after);
    /// What csrrs and csrrc change of a CSR that reads as `read`: the external line is no part of mip.SEIP then [priv 3.1.9].
    std::uint64_t modifiable(std::uint32_t number, std::uint64_t read) const;
    /// Changes mode, and with it how the MMU judges accesses.
    void set_privilege(Privilege privilege);
    /// Must follow every direct change of state.privilege, state.csr.mstatus, menvcfg or satp (by a kernel model).
    void synchronise_mmu();
    /// Must follow an assignment to all of `state`.
    void synchronise();

    /// The time CSR: ticks of the virtual clock.
    std::uint64_t time() const { return state.time(instructions_per_tick); }
    /// The same clock in instructions, modulo 2^64: for differences.
    std::uint64_t time_in_instructions() const {
        return state.time_base * instructions_per_tick + state.retired + state.waited;
    }
    /// How many instructions take it to the next tick.
    std::uint64_t instructions_to_tick() const {
        return instructions_per_tick - (state.retired + state.waited) % instructions_per_tick;
    }
    /// Lets the time of so many instructions pass.
    void pass_time(std::uint64_t instructions) { state.waited += instructions; }
    std::uint64_t instructions_per_tick = 1;
    /// How often time or a counter has been read: for who wants to know whether what ran has looked at them.
    std::uint64_t clock_reads = 0;

    // -- for the instructions' meanings (hart/semantics) ------------------------------------------------------------------
    /// Notes the fault that the instruction ends in.
    Completion raise(const Fault& fault) {
        fault_ = fault;
        return Completion::faulted;
    }
    Completion memory_fault() { return raise(mmu.fault()); }
    Completion illegal(const Slot& i);
    /// Loads and stores, inline where they are hits: hart/memory_access.hpp.
    template <class T>
    Completion load(const Slot& i, std::uint64_t va, T& value, Ledger& ledger);
    template <class T>
    Completion store(const Slot& i, std::uint64_t va, T value, Ledger& ledger);
    std::uint64_t* plain_csr(std::uint32_t number);
    Return return_from_machine_trap(const Slot& i);
    Return return_from_supervisor_trap(const Slot& i);
    Completion wait_for_interrupt(const Slot& i);
    Completion fence_translations(const Slot& i);

    // -- options ----------------------------------------------------------------------------------------------------
    bool hardware_ad = true;       // Svadu, which menvcfg.ADUE can switch off; false is Svade
    bool pmp_implemented = false;  // physical memory protection: 16 entries or none
    /// Of virtual addresses. The instruction at which run() begins is executed even if it has one.
    const std::unordered_set<std::uint64_t>& breakpoints() const { return breakpoints_; }
    void set_breakpoints(std::unordered_set<std::uint64_t> addresses);

    Techniques use = techniques_of_new_harts;
    /// The memory loop of which a plain turn is being executed by its instructions (hart/memory_loop.cpp).
    const MemoryLoop* turn_of = nullptr;
    std::uint64_t loads_before_turn = 0;  // of the ledger

private:
    enum class LoopExit : std::uint8_t {
        boundary,  // the budget has run out, or there is something to look at
        trap,      // one was taken that stop_on_trap asks to see
    };
    StopReason run_to_stop(std::uint64_t max_instructions, bool resuming);
    /// The threaded loop, until state.retired is `retired` or run() has something to look at.
    LoopExit execute_until(std::uint64_t retired);
    friend struct HandlerOffsets;

    // -- for the loop, out of line: interpreter.cpp -----------------------------------------------------------------------
    enum class Fetch : std::uint8_t { page, alone, lone, faulted };
    Slot* look_up_code(std::int64_t left);
    Fetch fetch(std::size_t index);
    Result<PhysAddr> fetch_address(VirtAddr va);
    Result<std::uint16_t> fetch_half(PhysAddr pa, VirtAddr va);
    Fetch fetch_lone(const Result<std::uint16_t>& low);
    void cut_block(const Slot* slot, std::uint64_t count);
    void decode_block(std::size_t index);
    void drop_freed_code();
    void count_fetches(bool in_progress);
    void take_fault();

    void enter_page(CodePage* page, std::uint64_t va) {
        page_ = page;
        slots_ = page->slots();
        page_va_ = va & ~(PGSIZE - 1);
    }
    /// Precondition: `va` is in the page entered last.
    Slot* slot_at(std::uint64_t va) { return slots_ + (va & (PGSIZE - 1)) / 2; }
    /// Makes state.pc and state.retired those of the instruction in slot `i`, which is being executed.
    void locate(const Slot& i) {
        state.pc = address_of(i);
        state.retired = end_ - (static_cast<std::uint64_t>(left_) + i.block);
    }
    std::uint64_t address_of(const Slot& i) const {
        return page_va_ +
               static_cast<std::uint64_t>(reinterpret_cast<const char*>(&i) - reinterpret_cast<const char*>(slots_)) /
                   (sizeof(Slot) / 2);
    }
    Completion load_slow(const Slot& i, std::uint64_t va, unsigned size, std::uint64_t& value);
    Completion store_slow(const Slot& i, std::uint64_t va, unsigned size, std::uint64_t value);
    Completion after_slow(unsigned length);
    /// Whether execution may not simply go on: an interrupt to take, or run() to be left.
    bool must_leave() const {
        return pause_ || state.waiting || ((state.csr.mip & state.csr.mie) && pending_interrupt()) ||
               stop_requested() || mmu.watch_hit();
    }
    /// Whether run() is to stop before the next instruction. The code of a page that has a breakpoint is no hit of the fetch
    /// cache, so that each of its instructions is looked up, and this is asked.
    bool at_breakpoint() const {
        if (breakpoints_.empty() || !breakpoints_.contains(state.pc)) return false;
        return state.pc != passed_ || state.retired != passed_at_;
    }
    bool breakpoint_in_page(std::uint64_t va) const {
        return !breakpoints_.empty() && breakpoint_pages_.contains(va >> PGSHIFT);
    }

    bool stops_on(Privilege to) const {
        return stop_on_trap == StopOnTrap::always || (stop_on_trap == StopOnTrap::to_supervisor && to == Privilege::S);
    }
    void enter_trap(std::uint64_t cause, std::uint64_t tval, std::uint64_t delegation);
    bool csr_accessible(std::uint32_t number) const;
    bool counter_enabled(std::uint64_t enable_bit) const;
    std::uint64_t counter(std::uint64_t offset, std::uint64_t inhibit_bit) const;
    void harvest_host_flags() {
        if (host_fp_) host_fp_->harvest();
    }

    CodeCache* code_;
    std::uint64_t code_generation_ = 0;
    Fault fault_;
    Trap last_trap_;
    std::unordered_set<std::uint64_t> breakpoints_, breakpoint_pages_;
    static constexpr std::uint64_t NOWHERE = 1;       // no pc is odd
    std::uint64_t passed_ = NOWHERE, passed_at_ = 0;  // the breakpoint at which run() began, and state.retired then
    std::atomic<bool> stop_requested_{false};
    bool pause_ = false;
    bool look_up_ = false;  // mode, translation or interrupts may have changed
    fp::HostFpScope* host_fp_ = nullptr;

    // Where the loop is: valid while it runs.
    CodePage* page_ = nullptr;   // where the instruction comes from: null when it lies in no page, or across two
    Slot* slots_ = nullptr;      // that page's, or apart_
    std::uint64_t page_va_ = 0;  // virtual address of slots_[0]
    std::int64_t left_ = 0;      // the ledger's, where somebody outside the loop may look at it
    std::uint64_t end_ = 0;      // state.retired when left_ and the block have run out
    // Instructions apart from their page: one alone, or of a block that is longer than the budget the beginning.
    static constexpr std::uint64_t MOST_APART = 128;
    std::array<Slot, 2 * MOST_APART + 1> apart_{};
    Instruction lone_instruction_{};     // that of no page
    std::uint64_t fetches_counted_ = 0;  // the value of state.retired up to which fetches have been counted
};

/// The CSR itself, if it is one of scratch, epc, cause and tval of either mode and this mode may reach it, else null. They mean
/// nothing to the hart before a trap or the return from one; bit 0 of an epc is always 0.
inline std::uint64_t* Hart::plain_csr(std::uint32_t number) {
    if (static_cast<std::uint64_t>(state.privilege) < bits(number, 9, 8)) return nullptr;
    switch (number) {
    case csr_numbers::SSCRATCH: return &state.csr.sscratch;
    case csr_numbers::SEPC: return &state.csr.sepc;
    case csr_numbers::SCAUSE: return &state.csr.scause;
    case csr_numbers::STVAL: return &state.csr.stval;
    case csr_numbers::MSCRATCH: return &state.csr.mscratch;
    case csr_numbers::MEPC: return &state.csr.mepc;
    case csr_numbers::MCAUSE: return &state.csr.mcause;
    case csr_numbers::MTVAL: return &state.csr.mtval;
    default: return nullptr;
    }
}

}  // namespace hartlab
