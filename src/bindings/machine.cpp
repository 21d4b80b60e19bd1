// hartlab._engine.Machine: a bare machine.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/config.hpp"
#include "bindings/handle.hpp"
#include "bindings/interrupt.hpp"
#include "bindings/machine_parts.hpp"
#include "bindings/register.hpp"
#include "bindings/saved.hpp"
#include "bindings/state_bytes.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

const char* name(StopReason reason) {
    constexpr const char* names[] = {"budget",      "trap",      "breakpoint", "watchpoint", "waiting",
                                     "interrupted", "trap_loop", "power_off",  "reset",      "output"};
    return names[static_cast<int>(reason)];
}

/// (reason, instructions)
std::tuple<std::string, std::uint64_t> run(MachineHandle& handle, std::uint64_t max_instructions, bool stop_on_trap) {
    Machine& machine = handle.machine();
    for (std::size_t i = 0; i < machine.hart_count(); ++i)
        machine.hart(i).stop_on_trap = stop_on_trap ? StopOnTrap::always : StopOnTrap::never;
    RunResult result;
    {
        const Handle::Running running(handle);
        const py::gil_scoped_release no_gil;
        machine.interrupt_poll = signal_pending;
        result = machine.run(max_instructions);
    }
    for (std::size_t i = 0; i < machine.hart_count(); ++i) machine.hart(i).stop_on_trap = StopOnTrap::never;
    rethrow_signal();
    return {name(result.reason), result.instructions};
}

void require_fit(const Machine& machine, const SavedMachine& saved) {
    if (saved.ram_size() != machine.ram().size())
        throw py::value_error("the state is of a machine with another size of RAM");
    if (saved.state.harts.size() != machine.hart_count())
        throw py::value_error("the state is of a machine with another number of harts");
}

}  // namespace

void register_machine(py::module_& m) {
    m.def(
        "set_techniques",
        [](bool blocks, bool memory_loops, bool idle_loops) {
            techniques_of_new_harts = {blocks, memory_loops, idle_loops};
        },
        "blocks"_a = true, "memory_loops"_a = true, "idle_loops"_a = true,
        "Which techniques for speed the harts of machines and kernels made from now on use. For tests and benchmarks:\n"
        "nothing that a guest can observe depends on them.");

    SavedMachineClass saved(m, "SavedMachine", "All of a machine's state; immutable.");
    saved.def_property_readonly(
        "disk_size",
        [](const SavedMachine& s) { return s.state.board && s.state.board->disk ? s.state.board->disk_size : 0; },
        "Bytes of the disk; 0 where there is none.");

    py::class_<HartHandle, Handle>(m, "OneHart", "One hart of a machine, in the place of the first.");

    MachineClass machine(m, "Machine", "QEMU's virt board: RAM, harts and devices, with no kernel.");
    machine
        .def(py::init([](std::uint64_t ram_size, const TlbArguments& tlb, bool hardware_ad, std::uint64_t per_tick,
                         bool pmp, bool legacy_virtio, unsigned harts, std::uint64_t quantum, std::uint64_t seed,
                         bool hardware_misaligned) {
                 MachineConfig config = machine_config(ram_size, tlb, hardware_ad, per_tick);
                 config.board = true;
                 config.pmp = pmp;
                 config.legacy_virtio = legacy_virtio;
                 config.harts = harts;
                 config.quantum = quantum;
                 config.seed = seed;
                 config.hardware_misaligned = hardware_misaligned;
                 return std::make_unique<MachineHandle>(config);
             }),
             "ram_size"_a, "tlb"_a, "hardware_ad"_a = true, "instructions_per_tick"_a = 1, "pmp"_a = false,
             "legacy_virtio"_a = false, "harts"_a = 1, "quantum"_a = 1000, "seed"_a = 1, "hardware_misaligned"_a = true)
        .def_property_readonly(
            "hart_count", [](MachineHandle& h) { return h.machine().hart_count(); }, "How many harts there are.")
        .def_property_readonly(
            "current_hart", [](MachineHandle& h) { return h.machine().current_hart(); },
            "Number of the hart whose turn it is: after a run, of the one that stopped.")
        .def_property_readonly(
            "passed_over", [](MachineHandle& h) { return h.machine().idle_loops().passed_over(); },
            "Instructions of idle loops that were counted and not executed, of all that this object has run.")
        .def(
            "one_hart",
            [](MachineHandle& h, std::size_t number) {
                if (number >= h.machine().hart_count()) throw py::index_error("there is no such hart");
                return std::make_unique<HartHandle>(h, number);
            },
            "number"_a, py::keep_alive<0, 1>(), "A hart by its number: all methods of a Handle, for that hart.")
        .def("run", &run, "max_instructions"_a, "stop_on_trap"_a = false,
             "Runs without the GIL; (reason, instructions). Ctrl-C raises and leaves the machine between two "
             "instructions.")
        .def(
            "capture", [](MachineHandle& h) { return std::make_shared<SavedMachine>(h.machine()); },
            "The machine's state as a value.")
        .def(
            "restore",
            [](MachineHandle& h, const SavedMachine& saved) {
                require_fit(h.machine(), saved);
                h.machine().restore(saved.state);
            },
            "state"_a, "Makes the machine's state that one.")
        .def(
            "twin",
            [](MachineHandle& h, const SavedMachine& saved) {
                require_fit(h.machine(), saved);
                return std::make_unique<MachineHandle>(std::make_unique<Machine>(h.machine().config(), saved.state));
            },
            "state"_a,
            "A second machine of the same configuration in that state, sharing the memory that neither changes.");
    add_board(machine);
    add_trap_log(machine);
    add_state_bytes(saved, machine);
}

}  // namespace hartlab::bindings
