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
