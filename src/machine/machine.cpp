#include "machine/machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "hart/mstatus.hpp"

namespace hartlab {

namespace {

const MachineConfig& checked(const MachineConfig& config) {
    const TlbGeometry& tlb = config.tlb;
    constexpr std::uint32_t MAX_SETS = 1 << 16, MAX_WAYS = 1 << 8;
    if (tlb.sets == 0 || tlb.sets > MAX_SETS || (tlb.sets & (tlb.sets - 1)) != 0) {
        throw std::invalid_argument("a TLB has 1 to 65536 sets, a power of two, not " + std::to_string(tlb.sets));
    }
    if (tlb.ways == 0 || tlb.ways > MAX_WAYS) {
        throw std::invalid_argument("a TLB has 1 to 256 ways, not " + std::to_string(tlb.ways));
    }
    if (config.instructions_per_tick == 0)
        throw std::invalid_argument("instructions_per_tick must be at least 1, not 0");
    if (config.harts == 0 || config.harts > Clint::MAX_HARTS)
        throw std::invalid_argument("a machine has 1 to 8 harts, not " + std::to_string(config.harts));
    if (config.quantum == 0) throw std::invalid_argument("the quantum of a turn must be at least 1 instruction, not 0");
    return config;
}

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

std::uint64_t MachineState::retired() const {
    std::uint64_t sum = 0;
    for (const OfHart& hart : harts) sum += hart.state.retired;
    return sum;
}

Machine::Machine(const MachineConfig& config) : Machine(config, std::make_shared<Ram>(config.ram_size)) {}

Machine::Machine(const MachineConfig& config, const MachineState& state) :
    Machine(config, std::make_shared<Ram>(state.ram)) {
    restore(state);
}

Machine::Machine(const MachineConfig& config, std::shared_ptr<Ram> ram) :
    config_(checked(config)), ram_(std::move(ram)), bus_(*ram_), code_(*ram_), idle_loops_(*ram_) {
    for (unsigned number = 0; number < config.harts; ++number) {
        auto hart = std::make_unique<Hart>(bus_, code_, config.tlb);
        hart->hardware_ad = config.hardware_ad;
        hart->mmu.hardware_misaligned = config.hardware_misaligned;
        hart->pmp_implemented = config.pmp;
        hart->instructions_per_tick = config.instructions_per_tick;
        harts_.push_back(std::move(hart));
    }
    reset(0);
    schedule_.seed = config.seed;
    schedule_.quantum = config.quantum;
    if (config.harts > 1) begin_turn();
    bus_.attach(PhysAddr(Clint::BASE), Clint::SIZE, clint_);
    if (config.board) board_ = std::make_unique<Board>(bus_, *ram_, config.legacy_virtio);
    bus_.set_observer(this);
}

std::uint64_t Machine::retired() const {
    std::uint64_t sum = 0;
    for (const auto& hart : harts_) sum += hart->state.retired;
    return sum;
}

void Machine::record_traps(std::size_t capacity) {
    traps_ = capacity ? std::make_unique<TrapLog>(capacity) : nullptr;
    for (const auto& hart : harts_) hart->trap_log = traps_.get();
}

// -- devices ---------------------------------------------------------------------------------------------------------

void Machine::before_device_access() {
    clint_.now = hart(current_hart()).time();
    idle_loops_.disturb();
}

void Machine::written() {
    watched_was_written_ = true;
    hart(current_hart()).pause();
}

void Machine::type(std::string_view text) {
    board_->uart.console.note_typed(retired(), text);
    board_->uart.type(text);
    update_interrupt_lines();
}

void Machine::after_device_access() {
    // A write to mtime moves the clock itself, which the time CSR shows too [priv 3.2.1].
    if (const std::uint64_t moved = std::exchange(clint_.mtime_offset, 0)) {
        for (const auto& hart : harts_) hart->state.time_base += moved;
    }
    if (board_ && !awaited_output_.empty()) {
        const std::string& output = board_->uart.console.output();
        const std::size_t back = std::min(output_seen_, awaited_output_.size() - 1);
        const std::size_t found = output.find(awaited_output_, std::max(awaited_from_, output_seen_ - back));
        output_seen_ = output.size();
        output_arrived_ |= found != std::string::npos;
    }
    update_interrupt_lines();
    hart(current_hart()).pause();
}

void Machine::update_interrupt_lines() {
    for (std::size_t number = 0; number < harts_.size(); ++number) update_interrupt_lines(number);
}

void Machine::update_interrupt_lines(std::size_t number) {
    Hart& hart = *harts_[number];
    clint_.now = hart.time();
    hart.set_interrupt_lines((clint_.timer_pending(number) ? MIP_MTIP : 0) | (clint_.msip[number] ? MIP_MSIP : 0) |
                             (board_ ? board_->interrupt_lines(static_cast<unsigned>(number)) : 0));
}

/// Why the run has to end, if a device has asked for that.
std::optional<StopReason> Machine::stopped_by_device() {
    if (std::exchange(watched_was_written_, false)) return StopReason::watchpoint;
    if (!board_) return std::nullopt;
    const Power power = board_->take_power_request();
    if (power.request == PowerRequest::reset) return StopReason::reset;
    if (power.request == PowerRequest::off) {
        exit_code_ = power.exit_code;
        return StopReason::power_off;
    }
    if (std::exchange(output_arrived_, false)) return StopReason::output;
    return std::nullopt;
}

void Machine::stop_at_output(std::string text, std::size_t from) {
    awaited_output_ = std::move(text);
    awaited_from_ = output_seen_ = from;
    output_arrived_ = false;
}

// -- running -----------------------------------------------------------------------------------------------------------

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
    std::uint32_t tried =
        0;  // harts, as bits, that have been seen to do nothing since anybody has executed an instruction
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
        const bool resumes = std::exchange(resuming, false);
        const StopReason reason = idle_loops     ? idle_loops_.run(hart, stretch, resumes)
                                  : sleeps(hart) ? StopReason::waiting
                                                 : hart.run(std::min(stretch, POLL_EVERY), resumes);
        const std::uint64_t retired = hart.state.retired - before;
        executed += retired;
        if (retired != 0) tried = 0;
        schedule_.left -= std::min(schedule_.left, retired);
        if (retired == stretch) idle_loops_.disturb();  // a timer may be due
        // Waits take no instructions, and periods that are passed over no time.
        since_poll += std::min(retired, POLL_EVERY / 2) + POLL_EVERY / 1000;
        if (reason == StopReason::waiting || (reason == StopReason::trap_loop && harts_.size() > 1)) {
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

/// The turn is over, and the next begins. False when every hart waits for nothing or traps for ever.
bool Machine::end_turn(std::uint32_t tried) {
    hart(current_hart()).state.reservation.reset();  // what the others do from now on is not watched
    const std::uint32_t all = (std::uint32_t{1} << harts_.size()) - 1;
    std::uint32_t had_turns = schedule_.had_turns | std::uint32_t{1} << schedule_.hart;
    if (had_turns == all) {
        level_clocks();
        const std::uint64_t idle = ticks_all_wait(tried);
        if (idle == Clint::NEVER) return false;  // the same turn is over again when somebody asks for more
        for (const auto& hart : harts_) move_clock(*hart, hart->time() + idle);
        had_turns = 0;
    }
    schedule_.had_turns = had_turns;
    begin_turn();
    return true;
}

void Machine::begin_turn() {
    const HartTurn turn = schedule_.next(config_.harts);
    schedule_.hart = turn.hart;
    schedule_.left = turn.instructions;
}

/// Brings all clocks to the furthest: given turns need not be as long for every hart.
void Machine::level_clocks() {
    HartClock furthest;
    for (const auto& hart : harts_) furthest = std::max(furthest, hart->clock());
    for (const auto& hart : harts_) hart->set_clock(furthest);
}

/// Ticks until the first hart has something to do: 0 if one has, and NEVER if none ever will. A hart that only traps has
/// nothing once each has been tried, because what the others have done since it was may have mended it.
std::uint64_t Machine::ticks_all_wait(std::uint32_t tried) {
    const bool all_tried = tried == (std::uint32_t{1} << harts_.size()) - 1;
    std::uint64_t idle = Clint::NEVER;
    for (std::size_t number = 0; number < harts_.size(); ++number) {
        Hart& hart = *harts_[number];
        update_timer_line(hart, number, clint_);
        const bool stands = hart.state.waiting || (all_tried && hart.in_trap_loop());
        const bool runs = !stands || (hart.state.csr.mip & wakes(hart));
        idle = std::min(idle, runs ? 0 : ticks_to_wake(number));
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
    if (schedule_.change(config_.harts, std::move(turns), seed, quantum))
        end_turn(0);
    else
        begin_turn();
}

void Machine::stop() {
    for (const auto& hart : harts_) hart->stop();
}

void Machine::clear_stop() {
    for (const auto& hart : harts_) hart->clear_stop();
}

// -- state as a value ---------------------------------------------------------------------------------------------------

void Machine::reset(std::uint64_t pc) {
    for (std::size_t number = 0; number < harts_.size(); ++number) {
        Hart& hart = *harts_[number];
        HartState state;
        state.pc = pc;
        state.csr.mhartid = number;
        if (!config_.hardware_ad) state.csr.menvcfg = 0;
        state.retired = hart.state.retired;
        state.time_base = hart.state.time_base;
        hart.state = state;
        hart.mmu.restore_tlb(Tlb(config_.tlb));
        hart.synchronise();
    }
    clint_ = Clint();
    if (board_) board_->reset();
}

MachineState Machine::capture() {
    MachineState state{ram_->capture(), {}, clint_, schedule_, nullptr};
    for (const auto& hart : harts_) {
        hart->mmu.count_hits();
        state.harts.push_back({hart->state, hart->mmu.tlb});
        hart->mmu.revalidate_host_cache();  // the next store to each page has to mark it dirty again
    }
    if (board_) state.board = std::make_shared<const BoardState>(board_->capture());
    return state;
}

void Machine::restore(const MachineState& state) {
    if (traps_) record_traps(traps_->capacity());
    ram_->restore(state.ram);
    clint_ = state.clint;
    schedule_ = state.schedule;
    for (std::size_t i = 0; i < harts_.size(); ++i) {
        Hart& hart = *harts_[i];
        hart.mmu.count_hits();  // those of the time that is being undone go with it
        hart.state = state.harts[i].state;
        hart.mmu.restore_tlb(state.harts[i].tlb);
        hart.synchronise();
    }
    if (board_ && state.board) board_->restore(*state.board);
}

}  // namespace hartlab
