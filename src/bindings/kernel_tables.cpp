// The kernel's state as arrays: processes, frames, free list, files, areas, and what the audit finds.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/look.hpp"
#include "bindings/tables.hpp"
#include "bindings/text.hpp"
#include "bindings/typing.hpp"
#include "bindings/views.hpp"
#include "inspect/areas.hpp"
#include "inspect/audit.hpp"
#include "inspect/exits.hpp"
#include "inspect/files.hpp"
#include "inspect/frames.hpp"
#include "inspect/free_list.hpp"
#include "inspect/processes.hpp"
#include "inspect/provenance_rows.hpp"
#include "inspect/tlb_rows.hpp"
#include "inspect/trace.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

/// A table made by `rows(view)` without the GIL.
template <class Source, class Rows>
py::array table_of(Source& source, Rows&& rows) {
    const inspect::KernelView view = kernel_view(source);
    return table(look(source, [&] { return rows(view); }));
}

template <class Source>
py::array audit(Source& source, bool junk, bool tlb, std::size_t limit) {
    return table_of(source, [&](const inspect::KernelView& view) {
        return inspect::violation_rows(inspect::audit(view, {junk, tlb, limit}, signal_pending));
    });
}

template <class Source>
py::array trapframe(Source& source, std::int32_t pid) {
    const auto row = inspect::trapframe(kernel_view(source), pid);
    return table(row ? std::vector{*row} : std::vector<inspect::TrapframeRow>{});
}

/// The fields of struct proc that a handle asks for again and again, without a walk of any page table; or None.
template <class Source>
std::optional<AnyDict> process_fields(Source& source, std::int32_t pid) {
    const inspect::KernelView view = kernel_view(source);
    const std::optional<std::size_t> slot = view.find_pid(pid);
    if (!slot) return std::nullopt;
    const Proc& p = view.data->proc[*slot];
    return AnyDict(py::dict("slot"_a = *slot, "pid"_a = p.pid, "parent"_a = view.pid_of(p.parent), "code"_a = p.state,
                            "killed"_a = p.killed != 0, "xstate"_a = p.xstate, "chan"_a = p.chan, "sz"_a = p.sz,
                            "pagetable"_a = p.pagetable, "trapframe"_a = p.trapframe, "kstack"_a = p.kstack,
                            "name"_a = text(inspect::text_of(p.name)), "restart"_a = p.restart, "born"_a = p.born,
                            "current"_a = view.data->cpus[0].proc == inspect::KernelView::proc_address(*slot).value));
}

template <class Source, class Class>
void add(Class& cls) {
    using inspect::KernelView;
    cls.def(
           "processes",
           [](Source& s, bool unused) {
               return table_of(s, [&](const KernelView& v) { return inspect::processes(v, unused, signal_pending); });
           },
           "unused"_a = false, "proc[], as a table.")
        .def("process_fields", &process_fields<Source>, "pid"_a,
             "The fields of struct proc, as a dict; None without it.")
        .def("trapframe", &trapframe<Source>, "pid"_a, "The trapframe of a process: a table of one row, or of none.")
        .def(
            "contexts", [](Source& s) { return table(inspect::contexts(kernel_view(s))); },
            "The saved contexts, as a table.")
        .def(
            "frames",
            [](Source& s) {
                return table_of(s, [](const KernelView& v) { return inspect::frames(v, signal_pending); });
            },
            "Who owns each frame of RAM, as a table.")
        .def(
            "free_list",
            [](Source& s) {
                return table_of(s, [](const KernelView& v) { return inspect::free_list(v, signal_pending); });
            },
            "The free list in the order of allocation, as a table.")
        .def(
            "areas",
            [](Source& s, std::int32_t pid) {
                return table_of(s, [&](const KernelView& v) { return inspect::areas(v, pid, signal_pending); });
            },
            "pid"_a, "The areas of a process's address space, as a table.")
        .def(
            "open_files", [](Source& s, std::int32_t pid) { return table(inspect::open_files(kernel_view(s), pid)); },
            "pid"_a = 0, "Open files of a process, or of all, as a table.")
        .def(
            "pipes", [](Source& s) { return table(inspect::pipes(kernel_view(s))); }, "The pipes, as a table.")
        .def(
            "kernel_tlb", [](Source& s, bool invalid) { return table(inspect::tlb_rows(kernel_view(s), invalid)); },
            "invalid"_a = false, "The TLB, each entry held against the page table of its process.")
        .def("audit", &audit<Source>, "junk"_a = true, "tlb"_a = true, "limit"_a = 1000, "Every violation, as a table.")
        .def_property_readonly(
            "kernel_pagetable", [](Source& s) { return kernel_view(s).data->kernel_pagetable; },
            "Where the kernel's own page table is.")
        .def_property_readonly(
            "ticks", [](Source& s) { return kernel_view(s).data->ticks; }, "xv6's ticks.")
        .def_property_readonly(
            "free_pages", [](Source& s) { return kernel_view(s).data->kmem.free_pages; },
            "How many pages the allocator says are free.");
}

using ExitTuple =
    std::tuple<std::int32_t, std::int32_t, py::str, std::uint64_t, bool, std::uint64_t, std::uint64_t, std::uint64_t>;

/// (pid, status, name, time, by fault, scause, sepc, stval) of the process's end, or None.
std::optional<ExitTuple> exit_of(const ExitLog& log, std::int32_t pid) {
    const Exit* e = log.find(pid);
    if (e == nullptr) return std::nullopt;
    return ExitTuple(e->pid, e->status, text(e->name), e->time, e->by_fault, e->scause, e->sepc, e->stval);
}

}  // namespace

void add_kernel_tables(py::class_<KernelHandle, Handle>& live, SavedKernelClass& saved) {
    add<KernelHandle>(live);
    add<const SavedKernel>(saved);
    const char* exit_doc = "(pid, status, name, time, by fault, scause, sepc, stval) of how a process ended, or None.";
    const char* exits_doc = "How processes ended, as a table.";
    saved.def("exits", [](const SavedKernel& s) { return table(inspect::exits(s.state.exits)); }, exits_doc);
    live.def("exits", [](KernelHandle& h) { return table(inspect::exits(h.kernel().exits)); }, exits_doc);
    saved.def(
        "exit_of", [](const SavedKernel& s, std::int32_t pid) { return exit_of(s.state.exits, pid); }, "pid"_a,
        exit_doc);
    live.def(
            "exit_of", [](KernelHandle& h, std::int32_t pid) { return exit_of(h.kernel().exits, pid); }, "pid"_a,
            exit_doc)
        .def(
            "trace",
            [](KernelHandle& h, std::uint64_t since) {
                const EventRing* ring = h.kernel().events();
                return table(ring ? inspect::trace_rows(*ring, since) : std::vector<inspect::TraceRow>{});
            },
            "since"_a = 0, "The events that are kept, from number `since` on, as a table.")
        .def(
            "provenance_table",
            [](KernelHandle& h) {
                const Provenance* record = h.kernel().provenance();
                return table(record ? inspect::provenance(*record, h.kernel().ram().base())
                                    : std::vector<inspect::ProvenanceRow>{});
            },
            "Who allocated, mapped and freed each frame last, as a table.");
}

}  // namespace hartlab::bindings
