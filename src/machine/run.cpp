#include <algorithm>
#include <stdexcept>
#include <utility>

#include "machine/machine.hpp"

namespace hartlab {

namespace {

/// The clock's part of a hart's interrupt lines. The devices' part changes in their accesses only, which update it for all harts.
void update_timer_line(Hart& hart, std::size_t number, Clint& clint) {
    clint.now = hart.time();
    hart.set_interrupt_lines((hart.state.interrupt_lines & ~MIP_MTIP) | (clint.timer_pending(number) ? MIP_MTIP : 0));
}

/// Whether a run of the hart would come back at once: it waits, and no interrupt ends that.
bool sleeps(const Hart& hart) {
    return hart.state.waiting && !(hart.state.csr.mip & hart.state.csr.mie) && !hart.stop_requested();
}

}  // namespace

/// Ticks until a timer's line may change: 0 when none will.
std::uint64_t Machine::ticks_to_timer(std::size_t number) const {
    std::uint64_t ticks = ~std::uint64_t{0};
    for (const std::uint64_t event : {clint_.ticks_to_timer(number), harts_[number]->ticks_to_supervisor_timer()}) {
        if (event != 0) ticks = std::min(ticks, event);
    }
    return ticks;
}

/// The interrupts that end a wait, or a trap loop: a wait those that are enabled, in whatever mode [priv 3.3.3]; a loop
/// those that are taken there, where its trap has switched off the ones to its own mode.
std::uint64_t Machine::wakes(const Hart& hart) {
    const Csrs& csr = hart.state.csr;
    if (hart.state.waiting) return csr.mie;
    return hart.state.privilege == Privilege::M ? 0 : csr.mie & ~csr.mideleg;
}

/// Ticks until a timer interrupt that wakes the hart, if there will be one.
std::uint64_t Machine::ticks_to_wake(std::size_t number) const {
    const Hart& hart = *harts_[number];
    const std::uint64_t wakes = Machine::wakes(hart);
    std::uint64_t ticks = Clint::NEVER;
    if ((wakes & MIP_MTIP) && clint_.mtimecmp[number] != Clint::NEVER) ticks = clint_.ticks_to_timer(number);
    if ((wakes & MIP_STIP) && hart.state.csr.stimecmp != Clint::NEVER)
        ticks = std::min(ticks, hart.ticks_to_supervisor_timer());
    return ticks;
}

void Machine::move_clock(Hart& hart, std::uint64_t now) {
    hart.state.time_base += now - hart.time();
    clint_.now = now;
}

RunResult Machine::run(std::uint64_t max_instructions) {
    if (max_instructions == 0) return {StopReason::budget, 0};
    watched_was_written_ = false;  // by the host, perhaps
    update_interrupt_lines();
    const RunResult result = run_to_stop(max_instructions);
    update_interrupt_lines();  // as of the end of the run, for whoever looks
    return result;
}

/// Instructions between looks at whether somebody wants the run to end: some milliseconds.
constexpr std::uint64_t POLL_EVERY = 500'000;

RunResult Machine::run_to_stop(std::uint64_t max_instructions) {
    const std::uint64_t per_tick = config_.instructions_per_tick;
    std::uint64_t executed = 0, since_poll = 0;
    std::uint32_t tried = 0;  // harts, as bits, that did nothing since anybody has executed an instruction
    if (turn_is_over() && !end_turn(tried)) return {why_nothing_runs(), executed};
    bool resuming = true;  // only where this run begins may a breakpoint be passed over
    for (;;) {
        if (since_poll > POLL_EVERY && interrupt_poll) {
            since_poll = 0;
            if (interrupt_poll()) return {StopReason::interrupted, executed};
        }
        const std::size_t number = current_hart();
        Hart& hart = *harts_[number];
        update_timer_line(hart, number, clint_);
        const std::uint64_t turn = harts_.size() == 1 ? max_instructions - executed : schedule_.left;
        // As many instructions as bring the clock to the timer's next event; a device access ends the stretch earlier.
        std::uint64_t stretch = std::min(max_instructions - executed, turn);
        if (const std::uint64_t ticks = ticks_to_timer(number); ticks - 1 <= stretch / per_tick) {
            stretch = std::min(stretch, (ticks - 1) * per_tick + hart.instructions_to_tick());
        }
        const std::uint64_t before = hart.state.retired;
        const bool idle_loops = harts_.size() == 1 && hart.use.idle_loops;
        const StopReason reason = idle_loops ? idle_loops_.run(hart, stretch, std::exchange(resuming, false))
                                             : hart.run(std::min(stretch, POLL_EVERY), std::exchange(resuming, false));
        const std::uint64_t retired = hart.state.retired - before;
        executed += retired;
        if (retired != 0) tried = 0;
        schedule_.left -= std::min(schedule_.left, retired);
        if (retired == stretch) idle_loops_.disturb();  // a timer may be due
        // Waits take no instructions, and periods that are passed over no time.
        since_poll += std::min(retired, POLL_EVERY / 2) + POLL_EVERY / 1000;
        // Somebody who wants to see each trap is not shown for ever those of a hart among others that does nothing else.
        const bool traps_only = reason == StopReason::trap_loop || (reason == StopReason::trap && hart.in_trap_loop());
        if (reason == StopReason::waiting || (traps_only && harts_.size() > 1)) {
            update_timer_line(hart, number, clint_);
            const std::uint64_t ticks = ticks_to_wake(number);
            if (harts_.size() == 1) {
                if (ticks == Clint::NEVER) return {reason, executed};
                move_clock(hart, hart.time() + ticks);
                continue;
            }
            if (ticks < schedule_.left / per_tick) {
                move_clock(hart, hart.time() + ticks);
                schedule_.left -= ticks * per_tick;
                continue;
            }
            tried |= std::uint32_t{1} << number;
            hart.pass_time(std::exchange(schedule_.left, 0));
        } else if (reason != StopReason::budget) {
            if (reason == StopReason::interrupted) clear_stop();
            return {reason, executed};
        }
        if (const auto stopped = stopped_by_device()) return {*stopped, executed};
        // A run that ends here leaves everything behind the last instruction to the next, but waits: so it does not matter why
        // it ended here.
        if (executed == max_instructions && (harts_.size() == 1 || !hart.state.waiting))
            return {StopReason::budget, executed};
        if (turn_is_over() && !end_turn(tried)) return {why_nothing_runs(), executed};
    }
}

StopReason Machine::why_nothing_runs() const {
    const auto traps = [](const auto& hart) { return hart->in_trap_loop(); };
    return std::any_of(harts_.begin(), harts_.end(), traps) ? StopReason::trap_loop : StopReason::waiting;
}

/// The turn is over, and one in which there may be something to do begins. False when every hart waits for nothing or traps
/// for ever.
bool Machine::end_turn(std::uint32_t& tried) {
    const std::uint32_t all = (std::uint32_t{1} << harts_.size()) - 1;
    do {
        hart(current_hart()).state.reservation.reset();  // what the others do from now on is not watched
        std::uint32_t had_turns = schedule_.had_turns | std::uint32_t{1} << schedule_.hart;
        if (had_turns == all) {
            level_clocks();
            const std::uint64_t idle = ticks_all_wait(tried);
            if (idle == Clint::NEVER) return false;  // the same turn is over again when somebody asks for more
            if (idle != 0) {
                for (const auto& hart : harts_) move_clock(*hart, hart->time() + idle);
            }
            had_turns = 0;
        }
        schedule_.had_turns = had_turns;
        begin_turn();
    } while (waits_for_turn_to_end(tried));
    return true;
}

void Machine::begin_turn() {
    const HartTurn turn = schedule_.next(config_.harts);
    schedule_.hart = turn.hart;
    schedule_.left = turn.instructions;
}

/// Lets the turn pass if the hart waits for longer than that.
bool Machine::waits_for_turn_to_end(std::uint32_t& tried) {
    Hart& hart = *harts_[schedule_.hart];
    if (!sleeps(hart) || ticks_to_wake(schedule_.hart) < schedule_.left / config_.instructions_per_tick) return false;
    tried |= std::uint32_t{1} << schedule_.hart;
    hart.pass_time(std::exchange(schedule_.left, 0));
    return true;
}

/// Brings all clocks to the furthest: given turns need not be as long for every hart.
void Machine::level_clocks() {
    std::uint64_t furthest = harts_.front()->time_in_instructions();
    for (const auto& hart : harts_) {
        const std::uint64_t ahead = hart->time_in_instructions() - furthest;
        if (ahead >> 63 == 0) furthest += ahead;
    }
    for (const auto& hart : harts_) {
        if (const std::uint64_t behind = furthest - hart->time_in_instructions()) hart->pass_time(behind);
    }
}

/// Ticks until the first hart has something to do: 0 if one has, and NEVER if none ever will. A hart that only traps has
/// nothing once each has been tried, because what the others have done since it was may have mended it.
std::uint64_t Machine::ticks_all_wait(std::uint32_t tried) {
    const bool all_tried = tried == (std::uint32_t{1} << harts_.size()) - 1;
    const auto stands = [all_tried](const auto& hart) {
        return hart->state.waiting || (all_tried && hart->in_trap_loop());
    };
    if (!std::all_of(harts_.begin(), harts_.end(), stands)) return 0;
    std::uint64_t idle = Clint::NEVER;
    for (std::size_t number = 0; number < harts_.size(); ++number) {
        Hart& hart = *harts_[number];
        update_timer_line(hart, number, clint_);
        idle = std::min(idle, hart.state.csr.mip & wakes(hart) ? 0 : ticks_to_wake(number));
    }
    return idle;
}

std::vector<HartTurn> Machine::turns() const {
    if (harts_.size() == 1) return {};
    if (schedule_.count(config_.harts) > Schedule::MOST_TURNS)
        throw std::invalid_argument("there have been more than 16 million turns, which are too many to list");
    return schedule_.record(config_.harts);
}

void Machine::change_schedule(std::vector<HartTurn> turns, std::uint64_t seed, std::uint64_t quantum) {
    if (harts_.size() == 1) throw std::invalid_argument("a machine with one hart has no turns");
    if (quantum == 0) throw std::invalid_argument("the quantum of a turn must be at least 1 instruction, not 0");
    for (const HartTurn& turn : turns) {
        if (turn.hart >= harts_.size() || turn.instructions == 0)
            throw std::invalid_argument("a turn is of a hart that there is, and of at least 1 instruction");
    }
    std::uint32_t tried = 0;
    if (schedule_.change(config_.harts, std::move(turns), seed, quantum))
        end_turn(tried);
    else
        begin_turn();
}

void Machine::stop() {
    for (const auto& hart : harts_) hart->stop();
}

void Machine::clear_stop() {
    for (const auto& hart : harts_) hart->clear_stop();
}

}  // namespace hartlab
