// The engine's exceptions as the Python classes of hartlab.errors, which are looked up when one is raised.
#include <exception>

#include "bindings/page_fault.hpp"
#include "bindings/register.hpp"
#include "bindings/text.hpp"
#include "kernel/errors.hpp"
#include "kernel/panic.hpp"

namespace py = pybind11;

namespace hartlab::bindings {

namespace {

py::object error_class(const char* name) { return py::module_::import("hartlab.errors").attr(name); }

void set_error(const char* name, const py::object& instance) {
    PyErr_SetObject(error_class(name).ptr(), instance.ptr());
}

/// With the source lines of C code that it went through.
void set_panic(const KernelPanic& e) {
    const char* name = dynamic_cast<const SeamFailure*>(&e) ? "SeamError" : "KernelPanic";
    const py::object error = error_class(name)(text(e.what()), text(e.text), text(e.function), e.pid, e.address);
    if (!e.trail.empty()) {
        py::list places;
        for (const CodePlace& place : e.trail) places.append(py::make_tuple(place.unit, place.pc));
        py::module_::import("hartlab.c_code").attr("explain")(error, places);
    }
    set_error(name, error);
}

}  // namespace

void raise_page_fault(const Fault& fault, const char* access) {
    const py::object error = error_class("PageFault");
    set_error("PageFault", error(static_cast<std::uint64_t>(fault.cause), fault.tval, access));
    throw py::error_already_set();
}

void register_errors(py::module_&) {
    py::register_exception_translator([](std::exception_ptr thrown) {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const KernelPanic& e) {
            if (PyErr_Occurred()) return;  // Ctrl-C at that very moment; the panic stays on record in RAM
            set_panic(e);
        } catch (const ProcessGone& e) {
            set_error("ProcessGone", error_class("ProcessGone")(text(e.what()), e.pid));
        } catch (const ProcessBusy& e) {
            set_error("ProcessBusy", error_class("ProcessBusy")(text(e.what()), e.pid, text(e.call)));
        } catch (const Interrupted& e) {
            // Ctrl-C has left its own exception behind; kernel.stop() has not.
            if (!PyErr_Occurred()) set_error("Interrupted", error_class("Interrupted")(e.what()));
        }
    });
}

}  // namespace hartlab::bindings
