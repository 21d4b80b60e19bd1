// Page tables, walks, registers and the TLB as arrays.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/look.hpp"
#include "bindings/tables.hpp"
#include "bindings/views.hpp"
#include "inspect/page_table.hpp"
#include "inspect/registers.hpp"
#include "inspect/tlb_rows.hpp"
#include "inspect/words.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

Access access_of(const std::string& name) {
    if (name == "fetch") return Access::fetch;
    if (name == "load") return Access::load;
    if (name == "store") return Access::store;
    throw py::value_error("access='" + name + "' is none of fetch, load, store");
}

template <class Source>
py::array entries(Source& source, PhysAddr root, bool tables, std::uint64_t first_va, std::uint64_t last_va,
                  std::uint64_t limit) {
    const inspect::MachineView view = machine_view(source);
    const inspect::EntriesOptions options{tables, first_va, last_va, limit};
    return table(look(source, [&] { return page_table_entries(view.memory, root, options, signal_pending); }));
}

/// (rows, end in words, physical address or None, cause or None)
template <class Source>
std::tuple<py::array, std::string, std::optional<std::uint64_t>, std::optional<std::uint64_t>> walk(
    Source& source, PhysAddr root, VirtAddr va, const std::string& access, int privilege, bool sum, bool mxr,
    bool hardware_ad) {
    const inspect::MachineView view = machine_view(source);
    const AccessContext context{static_cast<Privilege>(privilege), sum, mxr, hardware_ad};
    const auto [walk, rows] = inspect::walk_page_table(view.memory, root, va, access_of(access), context);
    std::optional<std::uint64_t> pa, cause;
    if (walk.ok()) {
        pa = walk.pa.value;
    } else {
        cause = static_cast<std::uint64_t>(walk.fault(va, access_of(access)).cause);
    }
    return {table(rows), std::string(inspect::walk_end_words(walk.end)), pa, cause};
}

/// (pte, address of the PTE, pa, level) or None
template <class Source>
std::optional<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, int>> leaf(Source& source, PhysAddr root,
                                                                                 VirtAddr va) {
    const auto found = inspect::find_leaf(machine_view(source).memory, root, va);
    if (!found) return std::nullopt;
    return std::tuple(found->pte, found->pte_address.value, found->pa.value, found->level);
}

template <class Source>
py::array registers(Source& source, bool pc, bool x, bool f, bool csr) {
    const inspect::MachineView view = machine_view(source);
    return table(inspect::registers(*view.hart, {pc, x, f, csr}, view.instructions_per_tick));
}

template <class Source>
py::array tlb(Source& source, bool invalid) {
    return table(inspect::tlb_rows(machine_view(source), invalid));
}

template <class Source, class Class>
void add(Class& cls) {
    cls.def("page_table_entries", &entries<Source>, "root"_a, "tables"_a, "first_va"_a, "last_va"_a, "limit"_a,
            "The entries with V set of the page table at `root`, as a table.")
        .def("walk_page_table", &walk<Source>, "root"_a, "va"_a, "access"_a, "privilege"_a, "sum"_a, "mxr"_a,
             "hardware_ad"_a, "(a row a level, the end in words, the physical address or None, the cause or None).")
        .def("find_leaf", &leaf<Source>, "root"_a, "va"_a,
             "(pte, its address, pa of va, level) of the leaf for va, or None.")
        .def("register_table", &registers<Source>, "pc"_a = true, "x"_a = true, "f"_a = true, "csr"_a = true,
             "The registers, as a table.")
        .def("tlb_table", &tlb<Source>, "invalid"_a = false, "The TLB's entries, as a table.");
}

}  // namespace

void add_machine_tables(py::class_<Handle>& live, SavedClass& saved) {
    add<Handle>(live);
    add<const Saved>(saved);
    live.def(
            "stale_uses", [](Handle& h) { return table(inspect::stale_uses(h.hart().mmu.stale_uses)); },
            "What the missing-fence check has recorded, as a table.")
        .def("clear_stale_uses", [](Handle& h) { h.hart().mmu.stale_uses.clear(); }, "Forgets what it has recorded.");
}

}  // namespace hartlab::bindings
