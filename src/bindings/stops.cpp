// Breakpoints and watchpoints.
#include <pybind11/stl.h>

#include <algorithm>

#include "bindings/casters.hpp"
#include "bindings/handle_parts.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

using Watch = std::tuple<std::uint64_t, std::uint64_t, bool, bool>;

std::vector<std::uint64_t> breakpoints(Handle& handle) {
    const auto& set = handle.hart().breakpoints();
    std::vector<std::uint64_t> sorted(set.begin(), set.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

void set_breakpoints(Handle& handle, const std::vector<std::uint64_t>& pcs) {
    for (std::size_t i = 0; i < handle.machine().hart_count(); ++i)
        handle.machine().hart(i).set_breakpoints({pcs.begin(), pcs.end()});
}

std::vector<Watch> watchpoints(Handle& handle) {
    std::vector<Watch> all;
    for (const Watchpoint& w : handle.hart().mmu.watchpoints())
        all.emplace_back(w.first.value, w.size, w.loads, w.stores);
    return all;
}

void set_watchpoints(Handle& handle, const std::vector<Watch>& watches) {
    std::vector<Watchpoint> all;
    for (const auto& [va, size, loads, stores] : watches) all.push_back({VirtAddr(va), size, loads, stores});
    for (std::size_t i = 0; i < handle.machine().hart_count(); ++i) handle.machine().hart(i).mmu.set_watchpoints(all);
}

using Hit =
    std::tuple<std::uint64_t, std::uint64_t, std::string, std::uint64_t, std::optional<std::uint64_t>, std::uint64_t>;

/// The engine reports a hit once; so does this.
std::optional<Hit> take_watch_hit(Handle& handle) {
    const std::optional<WatchHit> hit = handle.machine().hart(handle.machine().current_hart()).mmu.take_watch_hit();
    if (!hit) return std::nullopt;
    constexpr const char* names[] = {"fetch", "load", "store"};
    return Hit(hit->va.value, hit->size, names[static_cast<int>(hit->access)], hit->pc, hit->before, hit->after);
}

}  // namespace

void add_stops(HandleClass& handle) {
    handle
        .def_property("breakpoints", &breakpoints, &set_breakpoints, "Addresses before whose instruction a run stops.")
        .def_property(
            "watchpoints", &watchpoints, &set_watchpoints,
            "(va, size, loads, stores) of each watched range; a run stops after the instruction that touches one.")
        .def("take_watch_hit", &take_watch_hit,
             "(va, size, 'load' or 'store', pc, value before, value after) of the access that ended the last run at a "
             "watchpoint, or None; no value before where a device was written to.");
}

}  // namespace hartlab::bindings
