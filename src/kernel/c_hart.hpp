// Where students' C code runs: a hart of its own in S-mode, under the kernel's page table, with its code, data and stack in
// a region of memory that is no part of RAM. It shares with the machine RAM and nothing else, so that time, counters,
// reservations and TLB of the interrupted program stay as they are.
//
//   SEAM_STACK  64 KiB  R W  below it nothing is mapped: an overflow faults
//   SEAM_DATA   64 KiB  R W  data of the units
//   SEAM_TEXT  128 KiB  R X  the gate and facts in its first page, then code and constants of the units
//
// A call of a kernel function that the unit does not define is an ecall with the function's number in t0; so are the services
// (kernel/c_services.hpp). Returning to the gate ends the call. Every other trap is a mistake, and becomes a SeamFailure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hart/hart.hpp"
#include "kernel/c_services.hpp"
#include "kernel/c_unit.hpp"
#include "kernel/kernel.hpp"
#include "kernel/memlayout.hpp"
#include "kernel/panic.hpp"
#include "memory/bus.hpp"

namespace hartlab {

/// What the first page of SEAM_TEXT holds, at SEAM_FACTS: what no header can know.
struct SeamFacts {
    std::uint64_t end, phystop;
    std::uint64_t fork_is_cow, first_is_uvminit, asid_is_on, stack_pages;  // policies
    std::uint64_t timer_interval;                                          // ticks of the clock
};
inline constexpr PhysAddr SEAM_GATE{SEAM_TEXT};
inline constexpr PhysAddr SEAM_FACTS{SEAM_TEXT + 0x100};
inline constexpr PhysAddr SEAM_UNITS{SEAM_TEXT + PGSIZE};  // where the first unit's text may begin

class CHart {
public:
    explicit CHart(Kernel& kernel);
    CHart(const CHart&) = delete;
    CHart& operator=(const CHart&) = delete;

    /// Puts the unit's bytes into the region, its data as they are at first.
    void load(const std::shared_ptr<const CUnit>& unit);

    /// Executes the function. Throws SeamFailure, and whatever the kernel functions that it calls throw.
    std::uint64_t call(const CUnit& unit, FunctionId id, std::span<const std::uint64_t> words);

    Ram& region() { return region_; }
    CData data() const;
    /// Makes the data of each unit what `data` has for it, or what they are at first.
    void set_data(const CData& data);
    /// Instructions that C has executed, ever.
    std::uint64_t executed() const { return executed_; }

private:
    /// While it lasts a call is in progress. Then the hart is again as it was, for the call around it: after an error too,
    /// since that call's place is asked for.
    class InnerState {
    public:
        explicit InnerState(CHart& c);
        ~InnerState();
        InnerState(const InnerState&) = delete;
        InnerState& operator=(const InnerState&) = delete;
        const HartState& before() const { return before_; }

    private:
        CHart& c_;
        HartState before_;
    };

    void begin(const CUnit& unit);
    std::uint64_t run_to_gate(const CUnit& unit, FunctionId id, std::uint64_t sp);
    StopReason run_for_a_while(FunctionId id);
    void meter(FunctionId id, std::uint64_t instructions);
    [[noreturn]] void give_up(FunctionId id);

    // -- while somebody observes (c_observed.cpp): one instruction at a time --------------------------------------------
    void choose_observing();
    StopReason run_observed(std::uint64_t instructions);
    StopReason step_observed();
    bool enters_function();
    void leaves_functions();
    std::optional<PhysAddr> about_to_store() const;

    void serve(const CUnit& unit, FunctionId id, const Trap& trap);
    bool perform_privileged(std::uint64_t bits);
    void fence(const Instruction& i);
    void write_satp(std::uint64_t satp);
    void go_on(std::uint64_t pc);
    void set_satp(std::uint64_t satp);
    [[noreturn]] void fail(const CUnit& unit, FunctionId id, const std::string& text, std::uint64_t address,
                           const std::string& detail);
    [[noreturn]] void fail(const CUnit& unit, FunctionId id, const Trap& trap);
    std::string whats_there(std::uint64_t va, Access access) const;
    std::vector<CodePlace> backtrace(const CUnit& unit, FunctionId id) const;

    Kernel* kernel_;
    Ram region_;
    Bus bus_;
    CodeCache code_;
    Hart hart_;
    std::size_t depth_ = 0;
    std::uint64_t left_ = 0;     // instructions of the outermost call
    std::uint64_t stop_at_ = 0;  // the kernel's work at which it is broken off; 0 while nobody asks it to stop
    std::uint64_t executed_ = 0;

    /// A call within C, which the seam table does not see.
    struct DirectCall {
        FunctionId id;
        std::array<std::uint64_t, 8> words;
        std::uint64_t return_address, sp;
        std::size_t depth;
    };
    bool observing_ = false;
    bool from_gate_ = false;                       // the next instruction is the first of a call
    std::map<std::uint64_t, FunctionId> entries_;  // of the functions in C, while observing
    std::vector<DirectCall> direct_calls_;
};

/// printf of C code: the format and its arguments as words, the first seven from registers and the rest from the stack.
std::string format_c(Kernel& kernel, PhysAddr format, std::span<const std::uint64_t> registers, PhysAddr stack);

}  // namespace hartlab
