// The extension module hartlab._engine: makes the module and calls one register_* for each area.
// No logic of the engine lives in this folder; pybind11 lives in no other.
#include <pybind11/pybind11.h>
#include <pybind11/typing.h>

#include "bindings/register.hpp"

namespace py = pybind11;

namespace {

/// How this engine was compiled: what a bug report needs and what a benchmark records.
py::typing::Dict<py::str, py::object> build() {
    py::typing::Dict<py::str, py::object> facts;
#if defined(__clang__)
    facts["compiler"] = "clang " __clang_version__;
#else
    facts["compiler"] = "gcc " __VERSION__;
#endif
#if defined(NDEBUG)
    facts["assertions"] = false;
#else
    facts["assertions"] = true;
#endif
#if defined(__SANITIZE_ADDRESS__)
    facts["sanitizer"] = "address";
#elif defined(__SANITIZE_THREAD__)
    facts["sanitizer"] = "thread";
#else
    facts["sanitizer"] = py::none();
#endif
    return facts;
}

}  // namespace

PYBIND11_MODULE(_engine, m) {
    m.doc() = "The compiled engine of hartlab. Use it through the `hartlab` package.";
    m.def("build", &build,
          "How this engine was compiled: a dict with ``compiler`` (str), ``assertions`` (bool) and\n"
          "``sanitizer`` (str or None).");
    using namespace hartlab::bindings;
    register_errors(m);
    register_constants(m);
    register_isa(m);
    register_handle(m);
    register_machine(m);
    register_kernel(m);
    register_inspect(m);
}
