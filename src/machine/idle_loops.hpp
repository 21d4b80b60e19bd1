// Kernels that wait without wfi: a scheduler that goes through its processes again and again until an interrupt makes one of
// them runnable. When a hart alone in its machine has come back to the very state that it was in some instructions before, with
// nothing done that time or a device has a part in, it will do so again until the next event; whole periods up to there are
// passed over, and all that counts instructions is moved on. What the guest and the host see is the same as without.
//
// A state is compared as a whole: registers and CSRs, the pages of RAM that were written to meanwhile, and the TLB, whose entries must
// be in the same order. How long a period is is found by comparing registers and the top of the stack at
// points that are dense in one stretch and sparse in the next, as baby steps and giant steps.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "hart/hart.hpp"
#include "memory/ram.hpp"

namespace hartlab {

class IdleLoops {
public:
    explicit IdleLoops(Ram& ram) : ram_(&ram) {}

    /// Executes at most `instructions`, as Hart::run does, and perhaps fewer with StopReason::budget; or passes over them.
    /// Precondition: no line of an interrupt changes before they are executed, but by a device that the hart reaches itself.
    StopReason run(Hart& hart, std::uint64_t instructions, bool resuming);
    /// Something happened that is no part of a period: a device was reached, a timer was due.
    void disturb() { disturbed_ = true; }
    /// Instructions, of all that run() has counted. No part of the machine's state.
    std::uint64_t passed_over() const { return passed_over_; }

private:
    static constexpr std::uint64_t FIRST_GAP = 2048, BABY_STEPS = 256, GIANT_STEPS = 256;

    struct Before;
    StopReason look(Hart& hart, std::uint64_t instructions);
    StopReason try_period(Hart& hart, std::uint64_t instructions);
    StopReason find_period(Hart& hart, std::uint64_t instructions);
    /// Executes so many instructions; whether it was all of them, and nothing else happened.
    bool undisturbed(Hart& hart, std::uint64_t instructions, StopReason& reason);

    Ram* ram_;
    bool disturbed_ = true;
    std::uint64_t gap_ = FIRST_GAP;  // instructions between looks: more and more, until something happens
    std::uint64_t until_look_ = 0;
    std::uint64_t credit_ = 0;  // instructions since a period was looked for
    std::uint64_t period_ = 0;  // the last one found, in instructions; 0 for none
    std::uint64_t passed_over_ = 0;
    unsigned tries_ = 0;  // of a period at which registers recur and memory does not yet
    std::array<std::pair<std::uint64_t, std::uint64_t>, BABY_STEPS> steps_{};  // what registers were, and when
};

}  // namespace hartlab
