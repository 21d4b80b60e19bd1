// What is off by default: allocation failures on demand, the event trace, provenance.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/saved.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

void add_instruments(KernelClass& kernel) {
    kernel
        .def_property(
            "kalloc_failure_in", [](KernelHandle& h) { return h.kernel().kalloc_failure_in(); },
            [](KernelHandle& h, std::uint64_t n) { h.kernel().inject_kalloc_failure(n); },
            "The number, from now, of the kalloc that finds no memory; 0 for none.")
        .def(
            "set_tracing", [](KernelHandle& h, std::size_t capacity) { h.kernel().set_tracing(capacity); },
            "capacity"_a, "Keeps the last `capacity` events; 0 turns the trace off.")
        .def_property_readonly(
            "tracing", [](KernelHandle& h) { return h.kernel().events() ? h.kernel().events()->capacity() : 0; },
            "How many events are kept; 0 when the trace is off.")
        .def_property_readonly(
            "events_dropped", [](KernelHandle& h) { return h.kernel().events() ? h.kernel().events()->dropped() : 0; },
            "How many events the ring has lost.")
        .def_property_readonly(
            "events_total", [](KernelHandle& h) { return h.kernel().events() ? h.kernel().events()->total() : 0; },
            "How many events have been recorded, those that the ring has lost among them.")
        .def(
            "clear_events",
            [](KernelHandle& h) {
                if (h.kernel().events()) h.kernel().events()->clear();
            },
            "Forgets all events.")
        .def_property(
            "call_events", [](KernelHandle& h) { return h.kernel().syscall_events; },
            [](KernelHandle& h, const decltype(Kernel::syscall_events)& events) { h.kernel().syscall_events = events; },
            "For each slot of proc[], the number of the event that is waiting for a system call's result.")
        .def(
            "look_at",
            [](KernelHandle& h, std::uint64_t sequence) {
                if (!h.kernel().events()) throw std::logic_error("look_at: events are not being recorded");
                h.kernel().look_at(sequence);
            },
            "sequence"_a,
            "Keeps the state as it is once the event with that number has been recorded; what is being done ends then.")
        .def(
            "take_look",
            [](KernelHandle& h) -> std::shared_ptr<SavedKernel> {
                std::optional<KernelState> state = h.kernel().take_look();
                return state ? std::make_shared<SavedKernel>(h.kernel(), *std::move(state)) : nullptr;
            },
            "The state that look_at has kept, or None. It is for looking only: the kernel may be in the middle of a "
            "call.")
        .def_property(
            "provenance", [](KernelHandle& h) { return h.kernel().provenance() != nullptr; },
            [](KernelHandle& h, bool on) { h.kernel().set_provenance(on); },
            "Whether the kernel records who allocated, mapped and freed each frame.");
}

}  // namespace hartlab::bindings
