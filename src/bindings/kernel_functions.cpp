// The kernel's functions by name, with ints for addresses: one method `fn_NAME` for each row of the seam table.
#include <pybind11/stl.h>

#include "bindings/casters.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/typing.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

/// (result, name, parameters) of each row, as C spells them.
TupleList<py::str, py::str, py::str> function_table() {
    TupleList<py::str, py::str, py::str> rows;
#define X(result, name, parameters, arguments) rows.append(py::make_tuple(#result, #name, #parameters));
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    return rows;
}

}  // namespace

void add_functions(KernelClass& kernel) {
#define X(result, name, parameters, arguments)                                                                         \
    kernel.def("fn_" #name, [](KernelHandle& h HARTLAB_AND parameters) -> result { return h.kernel().name arguments; });
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    kernel.def_static("function_table", &function_table, "(result, name, parameters) of each function of the kernel.");
}

}  // namespace hartlab::bindings
