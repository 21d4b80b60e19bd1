// What inspection offers beside the tables of one state: differences, dtypes and words.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/look.hpp"
#include "bindings/register.hpp"
#include "bindings/text.hpp"
#include "bindings/typing.hpp"
#include "bindings/views.hpp"
#include "inspect/all_rows.hpp"
#include "inspect/diff.hpp"
#include "inspect/words.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

AnyDict to_dict(const inspect::Difference& d) {
    py::list words;
    for (const std::string& line : inspect::in_words(d)) words.append(text(line));
    return py::dict("frames"_a = table(d.frames), "ptes"_a = table(d.ptes), "registers"_a = table(d.registers),
                    "processes"_a = table(d.processes), "free_list"_a = table(d.free_list),
                    "free_before"_a = d.free_before, "free_after"_a = d.free_after, "words"_a = words);
}

/// One overload for each pair of live and saved; a live side is marked as at work while the other is read too.
template <class Before, class After>
AnyDict diff_kernels(Before& before, After& after) {
    const inspect::KernelView first = kernel_view(before), second = kernel_view(after);
    return to_dict(look(before, [&] { return inspect::diff(first, second, {}, signal_pending); }));
}

template <class Before, class After>
AnyDict diff_machines(Before& before, After& after) {
    const inspect::MachineView first = machine_view(before), second = machine_view(after);
    return to_dict(look(before, [&] { return inspect::diff(first, second, {}, signal_pending); }));
}

TupleList<py::str, py::dtype, TupleList<py::str, py::str>> row_types() {
    TupleList<py::str, py::dtype, TupleList<py::str, py::str>> all;
    for (const inspect::RowType& type : inspect::all_row_types()) {
        py::list fields;
        for (const inspect::Field& f : type.fields) fields.append(py::make_tuple(f.name, f.doc));
        all.append(py::make_tuple(type.name, table_dtype(type), fields));
    }
    return all;
}

}  // namespace

void register_inspect(py::module_& m) {
    const char* doc = "What changed from `before` to `after`: a dict of tables, free list lengths and words.";
    m.def("diff_kernels", &diff_kernels<const SavedKernel, const SavedKernel>, "before"_a, "after"_a, doc)
        .def("diff_machines", &diff_machines<const SavedMachine, const SavedMachine>, "before"_a, "after"_a, doc)
        .def("row_types", &row_types, "(name, dtype, [(field, what it is), ...]) of each kind of table.")
        .def("cause_words", &inspect::cause_words, "cause"_a, "scause or mcause in words.")
        .def("flag_string", &inspect::flag_string, "pte"_a, "All flags of a PTE as letters.")
        .def("syscall_name", &inspect::syscall_name, "number"_a,
             "xv6's name of a system call; empty when there is none.");
}

}  // namespace hartlab::bindings
