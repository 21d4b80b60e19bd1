// The record of the traps that a machine's harts take: off unless somebody asks.
#include "bindings/machine_parts.hpp"
#include "bindings/views.hpp"
#include "inspect/traps.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

py::array trace(MachineHandle& handle, std::uint64_t since) {
    const TrapLog* const log = handle.machine().traps();
    return table(log ? inspect::trap_rows(*log, since) : std::vector<inspect::TrapRow>{});
}

}  // namespace

void add_trap_log(MachineClass& machine) {
    machine
        .def(
            "set_tracing", [](MachineHandle& h, std::size_t capacity) { h.machine().record_traps(capacity); },
            "capacity"_a, "Keeps the last `capacity` traps; 0 turns the record off.")
        .def("trace", &trace, "since"_a = 0, "The traps that were recorded, as a table, from number `since` on.")
        .def_property_readonly(
            "events_dropped", [](MachineHandle& h) { return h.machine().traps() ? h.machine().traps()->dropped() : 0; },
            "How many traps the record has lost.");
}

}  // namespace hartlab::bindings
