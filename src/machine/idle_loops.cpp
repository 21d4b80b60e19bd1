#include "machine/idle_loops.hpp"

#include <algorithm>
#include <cstring>

#include "mmu/fast_path.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t PIECE = 500'000;        // executed at once, so that somebody can ask for a stop
constexpr std::uint64_t SEARCH = 1'000'000;     // instructions that are worth a search for a period
constexpr std::uint64_t LONGEST_GAP = 1 << 24;  // between looks
constexpr unsigned TRIES = 3;                   // in a row; a first round may leave other garbage on the stack

/// Whether nobody looks at single instructions, so that some may be passed over.
bool unobserved(const Hart& hart) {
    return hart.breakpoints().empty() && hart.mmu.watchpoints().empty() && hart.stop_on_trap == StopOnTrap::never &&
           !hart.mmu.events && !hart.mmu.stale_check();
}

/// Registers and the top of the stack, which has those of the callers: a loop whose counter a called function has saved there
/// has not come round when the registers are the same.
std::uint64_t mixed(const Hart& hart) {
    constexpr std::uint64_t STACK_TOP = 256;  // bytes, as far as they are on the stack pointer's page
    constexpr unsigned SP = 2;
    std::uint64_t mix = hart.state.pc;
    const auto add = [&mix](std::uint64_t word) {
        mix = (mix ^ word) * 0x9e37'79b9'7f4a'7c15;
        mix ^= mix >> 29;
    };
    for (const std::uint64_t x : hart.state.x) add(x);
    const std::uint64_t sp = hart.state.x[SP] & ~std::uint64_t{7};
    const std::uint64_t top = std::min(STACK_TOP, PGSIZE - VirtAddr(sp).page_offset());
    if (const std::uint8_t* stack = hart.mmu.load_pointer(sp, top)) {
        for (std::uint64_t i = 0; i < top; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, stack + i, sizeof word);
            add(word);
        }
    }
    return mix;
}

}  // namespace

/// What has to be the same again, and the counts that go on.
struct IdleLoops::Before {
    explicit Before(const Hart& hart) :
        state(hart.state), counts(hart.mmu.tlb.counts), recency(hart.mmu.tlb.recency()), clock_reads(hart.clock_reads) {
    }

    bool registers_recur(const Hart& hart) const { return state.pc == hart.state.pc && state.x == hart.state.x; }
    bool recurs(const Hart& hart) const {
        HartState then = state;
        then.retired = hart.state.retired;
        const TlbCounts& now = hart.mmu.tlb.counts;
        const bool same_translations = now.misses == counts.misses && now.evictions == counts.evictions &&
                                       now.flushes == counts.flushes && hart.mmu.tlb.same_order(recency);
        return then == hart.state && same_translations && hart.clock_reads == clock_reads;
    }
    /// The hart has done `times` more what it has done since.
    void repeat(Hart& hart, std::uint64_t times) const {
        hart.state.retired += times * (hart.state.retired - state.retired);
        for (std::size_t i = 0; i < counts.hits.size(); ++i)
            hart.mmu.tlb.counts.hits[i] += times * (hart.mmu.tlb.counts.hits[i] - counts.hits[i]);
        hart.mmu.tlb.repeat_touches(recency, times);
    }

    HartState state;
    TlbCounts counts;
    Tlb::Recency recency;
    std::uint64_t clock_reads;
};

StopReason IdleLoops::run(Hart& hart, std::uint64_t instructions, bool resuming) {
    if (std::exchange(disturbed_, false)) {
        gap_ = until_look_ = FIRST_GAP;
        tries_ = 0;
    }
    const bool due = until_look_ == 0 && instructions > FIRST_GAP && unobserved(hart);
    if (due && hart.state.privilege != Privilege::U && !hart.state.waiting) return look(hart, instructions);
    if (due) until_look_ = gap_ = std::min(4 * gap_, LONGEST_GAP);
    const std::uint64_t before = hart.state.retired;
    const StopReason reason =
        hart.run(std::min({instructions, PIECE, until_look_ ? until_look_ : instructions}), resuming);
    const std::uint64_t executed = hart.state.retired - before;
    until_look_ -= std::min(until_look_, executed);
    credit_ += executed;
    return reason;
}

StopReason IdleLoops::look(Hart& hart, std::uint64_t instructions) {
    until_look_ = gap_ = std::min(4 * gap_, LONGEST_GAP);
    if (period_ != 0 && instructions / 3 > period_) return try_period(hart, instructions);
    return credit_ >= SEARCH ? find_period(hart, instructions) : StopReason::budget;
}

bool IdleLoops::undisturbed(Hart& hart, std::uint64_t instructions, StopReason& reason) {
    const std::uint64_t before = hart.state.retired;
    reason = hart.run(instructions, false);
    return reason == StopReason::budget && hart.state.retired - before == instructions && !disturbed_;
}

StopReason IdleLoops::try_period(Hart& hart, std::uint64_t instructions) {
    const Before before(hart);
    StopReason reason{};
    ram_->begin_keeping();
    const bool whole = undisturbed(hart, period_, reason);
    const bool same_memory = ram_->end_keeping();
    if (!whole) return reason;
    if (same_memory && before.recurs(hart)) {
        const std::uint64_t times = (instructions - period_) / period_;
        before.repeat(hart, times);
        passed_over_ += times * period_;
        tries_ = 0;
    } else if (before.registers_recur(hart) && ++tries_ < TRIES) {
        until_look_ = 0;
    } else {
        tries_ = 0;
        if (credit_ >= SEARCH) period_ = 0;  // that of another loop is looked for
    }
    return reason;
}

StopReason IdleLoops::find_period(Hart& hart, std::uint64_t instructions) {
    credit_ = 0;
    if (instructions < 2 * BABY_STEPS) return StopReason::budget;
    StopReason reason{};
    for (auto& [mix, when] : steps_) {
        mix = mixed(hart);
        when = hart.state.retired;
        if (!undisturbed(hart, 1, reason)) return reason;
    }
    std::sort(steps_.begin(), steps_.end());
    const std::uint64_t most = std::min(GIANT_STEPS, (instructions - BABY_STEPS) / BABY_STEPS);
    for (std::uint64_t i = 0; i < most; ++i) {
        const auto found = std::lower_bound(steps_.begin(), steps_.end(), std::pair(mixed(hart), std::uint64_t{0}));
        if (found != steps_.end() && found->first == mixed(hart)) {
            period_ = hart.state.retired - found->second;
            until_look_ = 0;
            return reason;
        }
        if (!undisturbed(hart, BABY_STEPS, reason)) return reason;
    }
    return reason;
}

}  // namespace hartlab
