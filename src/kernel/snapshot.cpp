// The whole of a kernel as a value. Since its data lies in RAM, that is the machine and what the host keeps beside it.
#include "kernel/c_hart.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

Kernel::Kernel(const KernelConfig& config, const KernelState& state) :
    config_(config), machine_(config.machine, state.machine) {
    hart().stop_on_trap = StopOnTrap::to_supervisor;
    restore(state);
}

KernelState Kernel::capture() {
    return {.machine = machine_.capture(),
            .console = console,
            .files = files,
            .exits = exits,
            .booted = booted_,
            .c_data = c_hart_ ? c_hart_->data() : CData{}};
}

/// Everything that `capture` took is as it was then. Configuration stays: policies, replaced functions, instruments,
/// breakpoints. What instruments recorded of the history that is now undone is forgotten.
void Kernel::restore(const KernelState& state) {
    machine_.restore(state.machine);
    console = state.console;
    files = state.files;
    exits = state.exits;
    booted_ = state.booted;
    if (c_hart_) c_hart_->set_data(state.c_data);
    gave_up_ = false;
    why.clear();
    syscall_events.fill(0);
    if (provenance_) set_provenance(true);
    begin_observing();
}

Kernel::~Kernel() = default;

CHart& Kernel::c_hart() {
    if (!c_hart_) c_hart_ = std::make_unique<CHart>(*this);
    return *c_hart_;
}

void Kernel::share_replacements(const Kernel& other, const KernelState& state) {
    seams.share(other.seams);
    const auto units = c_units(seams);
    for (const auto& unit : units) c_hart().load(unit);
    if (!units.empty()) c_hart().set_data(state.c_data);
}

}  // namespace hartlab
