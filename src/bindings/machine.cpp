// hartlab._engine.Machine: a bare machine.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/config.hpp"
#include "bindings/handle.hpp"
#include "bindings/interrupt.hpp"
#include "bindings/register.hpp"
#include "bindings/saved.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

constexpr std::uint64_t CHUNK = 500'000;  // instructions between looks at Python's signals: some milliseconds

const char* name(StopReason reason) {
    constexpr const char* names[] = {"budget",  "trap",        "breakpoint", "watchpoint",
                                     "waiting", "interrupted", "trap_loop"};
    return names[static_cast<int>(reason)];
}

/// (reason, instructions)
std::tuple<std::string, std::uint64_t> run(MachineHandle& handle, std::uint64_t max_instructions, bool stop_on_trap) {
    Machine& machine = handle.machine();
    Hart& hart = machine.hart();
    hart.stop_on_trap = stop_on_trap ? StopOnTrap::always : StopOnTrap::never;
    RunResult total{StopReason::budget, 0};
    {
        const Handle::Running running(handle);
        const py::gil_scoped_release no_gil;
        while (total.instructions < max_instructions) {
            const RunResult part = machine.run(std::min(CHUNK, max_instructions - total.instructions));
            total.instructions += part.instructions;
            total.reason = part.reason;
            if (part.reason != StopReason::budget) break;
            // The hart passes over a breakpoint where it begins; only where this whole run began is that right.
            if (hart.breakpoints.contains(hart.state.pc) && total.instructions < max_instructions) {
                total.reason = StopReason::breakpoint;
                break;
            }
            if (signal_pending()) {
                total.reason = StopReason::interrupted;
                break;
            }
        }
    }
    hart.stop_on_trap = StopOnTrap::never;
    rethrow_signal();
    return {name(total.reason), total.instructions};
}

}  // namespace

void register_machine(py::module_& m) {
    m.def(
        "set_techniques", [](bool blocks, bool memory_loops) { techniques_of_new_harts = {blocks, memory_loops}; },
        "blocks"_a = true, "memory_loops"_a = true,
        "Which techniques for speed the harts of machines and kernels made from now on use. For tests and benchmarks:\n"
        "nothing that a guest can observe depends on them.");

    py::class_<SavedMachine, Saved, std::shared_ptr<SavedMachine>>(m, "SavedMachine",
                                                                   "All of a machine's state; immutable.");

    py::class_<MachineHandle, Handle>(m, "Machine", "RAM, a hart and a CLINT, with no kernel.")
        .def(py::init([](std::uint64_t ram_size, const TlbArguments& tlb, bool hardware_ad, std::uint64_t per_tick) {
                 return std::make_unique<MachineHandle>(machine_config(ram_size, tlb, hardware_ad, per_tick));
             }),
             "ram_size"_a, "tlb"_a, "hardware_ad"_a = true, "instructions_per_tick"_a = 1)
        .def("run", &run, "max_instructions"_a, "stop_on_trap"_a = false,
             "Runs without the GIL; (reason, instructions). Ctrl-C raises and leaves the machine between two "
             "instructions.")
        .def(
            "capture", [](MachineHandle& h) { return std::make_shared<SavedMachine>(h.machine()); },
            "The machine's state as a value.")
        .def(
            "restore",
            [](MachineHandle& h, const SavedMachine& saved) {
                if (saved.ram_size() != h.machine().ram().size()) {
                    throw py::value_error("the state is of a machine with another size of RAM");
                }
                h.machine().restore(saved.state);
            },
            "state"_a, "Makes the machine's state that one.")
        .def(
            "twin",
            [](MachineHandle& h, const SavedMachine& saved) {
                return std::make_unique<MachineHandle>(std::make_unique<Machine>(h.machine().config(), saved.state));
            },
            "state"_a,
            "A second machine of the same configuration in that state, sharing the memory that neither changes.");
}

}  // namespace hartlab::bindings
