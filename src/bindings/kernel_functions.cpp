// The kernel's functions by name, with ints for words: for each row of the seam table a method `fn_NAME`, which calls
// whatever the table has, and `native_NAME`, which calls the engine's own. And the facts of each.
#include <array>

#include "bindings/casters.hpp"
#include "bindings/interrupt.hpp"
#include "bindings/kernel_parts.hpp"
#include "bindings/typing.hpp"
#include "bindings/words.hpp"
#include "kernel/function_facts.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace hartlab::bindings {

namespace {

using Words = py::Args<py::int_>;

/// (result, name, parameters) of each row, as C++ spells them.
TupleList<py::str, py::str, py::str> function_table() {
    TupleList<py::str, py::str, py::str> rows;
#define X(result, name, parameters, arguments) rows.append(py::make_tuple(#result, #name, #parameters));
    HARTLAB_KERNEL_FUNCTIONS(X)
#undef X
    return rows;
}

/// (name, declaration, contract, failure, file) of each row, as C spells them.
TupleList<py::str, py::str, py::str, py::str, py::str> facts() {
    TupleList<py::str, py::str, py::str, py::str, py::str> rows;
    for (const FunctionFacts& f : function_facts()) {
        rows.append(py::make_tuple(py::str(f.name), py::str(f.declaration), py::str(f.contract), py::str(f.failure),
                                   py::str(f.file)));
    }
    return rows;
}

py::object call(KernelHandle& handle, FunctionId id, const Words& arguments, bool native) {
    const Signature& types = signature(id);
    if (arguments.size() != types.parameters.size()) {
        const std::string_view declaration = function_facts()[static_cast<std::size_t>(id)].declaration;
        throw py::type_error(std::string(declaration) + ": takes " + std::to_string(types.parameters.size()) +
                             " arguments, and " + std::to_string(arguments.size()) + " were given");
    }
    std::array<std::uint64_t, 8> words{};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        words[i] = to_word(arguments[i], types.parameters[i], id, i + 1);
    }
    Kernel& kernel = handle.kernel();
    if (kernel.seams.busy()) {
        kernel.seams.charge(1);
    } else {
        begin_polling();
        kernel.forget_giving_up();
    }
    const std::uint64_t result = call_function(kernel, id, std::span(words).first(arguments.size()), native);
    rethrow_signal();  // the kernel polls for Ctrl-C and leaves its exception for whoever holds the GIL
    return from_word(result, types.result);
}

}  // namespace

void add_functions(KernelClass& kernel) {
    for (std::size_t i = 0; i < FUNCTIONS; ++i) {
        const auto id = static_cast<FunctionId>(i);
        const std::string name(function_name(id));
        kernel.def(("fn_" + name).c_str(),
                   [id](KernelHandle& h, const Words& arguments) { return call(h, id, arguments, false); });
        kernel.def(("native_" + name).c_str(),
                   [id](KernelHandle& h, const Words& arguments) { return call(h, id, arguments, true); });
    }
    kernel.def_static("function_table", &function_table, "(result, name, parameters) of each function of the kernel.");
    kernel.def_static("function_facts", &facts, "(name, declaration, contract, failure, file) of each, in C's terms.");
}

}  // namespace hartlab::bindings
