#include "bindings/interrupt.hpp"

#include <pybind11/pybind11.h>

#include <chrono>

namespace py = pybind11;

namespace hartlab::bindings {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto INTERVAL = std::chrono::milliseconds(15);  // taking the GIL may cost a switch of threads

thread_local bool on_main_thread = false;
thread_local Clock::time_point next_look;

}  // namespace

void begin_polling() {
    const auto main = py::module_::import("threading").attr("main_thread")().attr("ident");
    on_main_thread = !main.is_none() && main.cast<unsigned long>() == PyThread_get_thread_ident();
    next_look = Clock::now() + INTERVAL;
}

bool signal_pending() {
    if (!on_main_thread) return false;
    const auto now = Clock::now();
    if (now < next_look) return false;
    next_look = now + INTERVAL;
    const py::gil_scoped_acquire gil;
    return PyErr_Occurred() || PyErr_CheckSignals() != 0;
}

void rethrow_signal() {
    if (PyErr_Occurred()) throw py::error_already_set();
}

}  // namespace hartlab::bindings
