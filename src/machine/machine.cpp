#include "machine/machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/bits.hpp"
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
    return config;
}

}  // namespace

Machine::Machine(const MachineConfig& config) : Machine(config, std::make_shared<Ram>(config.ram_size)) {}

Machine::Machine(const MachineConfig& config, const MachineState& state) :
    Machine(config, std::make_shared<Ram>(state.ram)) {
    restore(state);
}

Machine::Machine(const MachineConfig& config, std::shared_ptr<Ram> ram) :
    config_(checked(config)), ram_(std::move(ram)), bus_(*ram_), code_(*ram_),
    hart_(std::make_unique<Hart>(bus_, code_, config.tlb)) {
    hart_->hardware_ad = config.hardware_ad;
    hart_->instructions_per_tick = config.instructions_per_tick;
    hart_->synchronise_mmu();
    bus_.attach(PhysAddr(Clint::BASE), Clint::SIZE, clint_);
    bus_.set_observer(this);
}

void Machine::before_device_access() { clint_.now = hart_->time(); }
void Machine::after_device_access() {
    // A write to mtime moves the clock itself, which the time CSR shows too [priv 3.2.1].
    hart_->state.time_base += std::exchange(clint_.mtime_offset, 0);
    hart_->pause();
}

void Machine::poll_timer() {
    clint_.now = hart_->time();
    std::uint64_t& mip = hart_->state.csr.mip;
    mip = replace_bits(mip, MIP_MTIP | MIP_MSIP,
                       (clint_.timer_pending(0) ? MIP_MTIP : 0) | (clint_.msip[0] ? MIP_MSIP : 0));
}

RunResult Machine::run(std::uint64_t max_instructions) {
    const HartState& state = hart_->state;
    const std::uint64_t first = state.retired;
    const auto executed = [&] { return state.retired - first; };
    bool resuming = true;  // only where this run begins may a breakpoint be passed over
    for (;;) {
        poll_timer();
        // As many instructions as bring the clock to the timer's next event; a device access ends the stretch earlier.
        const std::uint64_t per_tick = config_.instructions_per_tick;
        std::uint64_t stretch = max_instructions - executed();
        if (const std::uint64_t ticks = clint_.ticks_to_timer(0); ticks != 0 && ticks - 1 <= stretch / per_tick) {
            stretch = std::min(stretch, (ticks - 1) * per_tick + (per_tick - state.retired % per_tick));
        }
        const StopReason reason = hart_->run(stretch, std::exchange(resuming, false));
        if (reason == StopReason::waiting) {
            poll_timer();
            const bool timer_wakes = state.csr.mie & MIP_MTIP;
            if (!timer_wakes || clint_.mtimecmp[0] == Clint::NEVER) return {reason, executed()};
            hart_->state.time_base += clint_.ticks_to_timer(0);
            continue;
        }
        if (reason != StopReason::budget || executed() == max_instructions) return {reason, executed()};
    }
}

MachineState Machine::capture() {
    hart_->mmu.count_hits();
    MachineState state{ram_->capture(), hart_->state, hart_->mmu.tlb, clint_};
    hart_->mmu.revalidate_host_cache();  // the next store to each page has to mark it dirty again
    return state;
}

void Machine::restore(const MachineState& state) {
    ram_->restore(state.ram);
    hart_->mmu.count_hits();  // those of the time that is being undone go with it
    hart_->state = state.hart;
    hart_->mmu.restore_tlb(state.tlb);
    clint_ = state.clint;
    hart_->synchronise_mmu();
}

}  // namespace hartlab
