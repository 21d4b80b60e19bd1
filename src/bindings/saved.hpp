// Saved states as Python holds them: the engine's value and what is needed to read it. Immutable.
#pragma once

#include "inspect/state_view.hpp"
#include "kernel/kernel.hpp"
#include "machine/machine.hpp"

namespace hartlab::bindings {

class Saved {
public:
    virtual ~Saved() = default;
    virtual const MachineState& machine() const = 0;
    inspect::MachineView view() const { return inspect::MachineView(machine(), instructions_per_tick); }
    std::uint64_t ram_size() const { return machine().ram.page_count() * PGSIZE; }

    std::uint64_t instructions_per_tick = 1;
};

class SavedMachine final : public Saved {
public:
    explicit SavedMachine(Machine& from) : SavedMachine(from.capture(), from.config()) {}
    SavedMachine(MachineState what, const MachineConfig& config) : state(std::move(what)) {
        instructions_per_tick = config.instructions_per_tick;
    }
    const MachineState& machine() const override { return state; }
    const MachineState state;
};

class SavedKernel final : public Saved {
public:
    explicit SavedKernel(Kernel& from) : SavedKernel(from, from.capture()) {}
    SavedKernel(const Kernel& from, KernelState what) : state(std::move(what)), policies(from.policies()) {
        instructions_per_tick = from.config().machine.instructions_per_tick;
    }
    const MachineState& machine() const override { return state.machine; }
    inspect::KernelView kernel_view() const { return inspect::KernelView(state, policies, instructions_per_tick); }
    const KernelState state;
    const Policies policies;
};

}  // namespace hartlab::bindings
