// Translation as the hart sees it: satp, the TLB's geometry and counts, accesses through the MMU, the missing-fence check.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/config.hpp"
#include "bindings/handle_parts.hpp"
#include "bindings/page_fault.hpp"
#include "bindings/typing.hpp"
#include "mmu/mmu.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

const char* name(Replacement replacement) {
    constexpr const char* names[] = {"lru", "fifo", "random"};
    return names[static_cast<int>(replacement)];
}

TlbArguments geometry(Handle& handle) {
    const TlbGeometry& g = handle.hart().mmu.tlb.geometry();
    return {g.sets, g.ways, name(g.replacement), g.seed};
}

AnyDict counts(Handle& handle) {
    const TlbCounts& c = handle.hart().mmu.tlb.counts;
    return py::dict("hits"_a = c.hits, "misses"_a = c.misses, "evictions"_a = c.evictions, "flushes"_a = c.flushes);
}

/// Lets Ctrl-C end a loop over bytes.
void poll_signals(std::size_t byte) {
    if (byte % (1 << 20) == 0 && PyErr_CheckSignals() != 0) throw py::error_already_set();
}

/// A byte at a time, as string instructions would: a fault leaves what came before it done. The size is the caller's
/// word and may be more than the host has, so room is made as bytes come.
py::bytes load(Handle& handle, std::uint64_t va, std::size_t size) {
    Mmu& mmu = handle.hart().mmu;
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) {
        poll_signals(i);
        std::uint64_t byte = 0;
        if (!mmu.load_slow(va + i, 1, byte)) raise_page_fault(mmu.fault(), "load");
        bytes.push_back(static_cast<char>(byte));
    }
    return py::bytes(bytes);
}

void store(Handle& handle, std::uint64_t va, const py::bytes& data) {
    const std::string_view bytes = data;
    Mmu& mmu = handle.hart().mmu;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        poll_signals(i);
        if (!mmu.store_slow(va + i, 1, static_cast<std::uint8_t>(bytes[i]))) raise_page_fault(mmu.fault(), "store");
    }
}

}  // namespace

void add_mmu(HandleClass& handle) {
    handle.def_property_readonly(
              "satp", [](Handle& h) { return h.hart().mmu.satp(); }, "The satp register.")
        .def_property_readonly("tlb_geometry", &geometry, "(sets, ways, replacement, seed) of the TLB.")
        .def_property_readonly("tlb_counts", &counts,
                               "hits and misses (each by fetch, load and store), evictions and flushes.")
        .def(
            "reset_tlb_counts", [](Handle& h) { h.hart().mmu.tlb.counts = {}; }, "Sets the TLB's counts to 0.")
        .def("mmu_load", &load, "va"_a, "size"_a,
             "Loads through the MMU with the hart's rights of now. Raises PageFault.")
        .def("mmu_store", &store, "va"_a, "data"_a,
             "Stores through the MMU with the hart's rights of now. Raises PageFault.")
        .def(
            "sfence_vma",
            [](Handle& h, std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
                h.hart().mmu.sfence_vma(va ? std::optional(VirtAddr(*va)) : std::nullopt, asid);
            },
            "va"_a = py::none(), "asid"_a = py::none(), "What the instruction sfence.vma does, in its four forms.")
        .def_property(
            "stale_check", [](Handle& h) { return h.hart().mmu.stale_check(); },
            [](Handle& h, bool on) { h.hart().mmu.set_stale_check(on); },
            "Whether accesses that succeed only for lack of a fence are recorded.");
}

}  // namespace hartlab::bindings
