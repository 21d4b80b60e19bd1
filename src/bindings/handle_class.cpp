// hartlab._engine.Handle: the base of Machine and Kernel.
#include "bindings/casters.hpp"
#include "bindings/handle_parts.hpp"
#include "bindings/register.hpp"
#include "bindings/tables.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

py::bytes read_saved(const Saved& saved, PhysAddr pa, std::uint64_t size) {
    const inspect::MachineView view = saved.view();
    if (!view.memory.contains(pa, size)) throw py::index_error("that range is not inside RAM");
    std::string bytes(size, '\0');
    view.memory.read(pa, bytes.data(), size);
    return py::bytes(bytes);
}

}  // namespace

void register_handle(py::module_& m) {
    SavedClass saved(m, "Saved", "The state of a machine, saved; immutable.");
    saved
        .def_property_readonly(
            "retired", [](const Saved& s) { return s.machine().retired(); }, "Instructions retired when it was taken.")
        .def(
            "pages_changed_since",
            [](const Saved& s, const Saved& older) {
                if (s.ram_size() != older.ram_size()) throw py::value_error("the two have different sizes of RAM");
                return s.machine().ram.pages_not_shared_with(older.machine().ram).size();
            },
            "older"_a, "How many pages of RAM the two do not share.")
        .def_property_readonly("ram_size", &Saved::ram_size, "Bytes of RAM.")
        .def("ram_read", &read_saved, "pa"_a, "size"_a, "Bytes of RAM. IndexError when not all of them are in RAM.");

    HandleClass handle(m, "Handle", "What a machine and a kernel have in common: RAM, a hart with its MMU, and stops.");
    handle.def("close", &Handle::close, "Gives the engine's memory back. Every later use raises RuntimeError.")
        .def_property_readonly("closed", &Handle::closed, "Whether close() has been called.")
        .def_property_readonly("running", &Handle::running, "Whether a call is at work, or somebody holds a claim.")
        .def("claim", &Handle::claim, "Keeps other threads out until release_claim(); nests.")
        .def("release_claim", &Handle::release_claim, "Takes one claim() back.")
        .def("stop", &Handle::stop, "Ends the run in progress soon, if there is one. From any thread.");
    add_memory(handle);
    add_hart(handle);
    add_mmu(handle);
    add_stops(handle);
    add_machine_tables(handle, saved);
}

}  // namespace hartlab::bindings
