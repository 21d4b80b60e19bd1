// How inspection gets its view of a live or a saved machine or kernel, and gives up the GIL while it looks.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/handle.hpp"
#include "bindings/interrupt.hpp"
#include "bindings/saved.hpp"

namespace hartlab::bindings {

inline inspect::MachineView machine_view(Handle& handle) {
    return inspect::MachineView(handle.machine(), handle.hart_number());
}
inline inspect::MachineView machine_view(const Saved& saved) { return saved.view(); }
inline inspect::KernelView kernel_view(KernelHandle& handle) { return inspect::KernelView(handle.kernel()); }
inline inspect::KernelView kernel_view(const SavedKernel& saved) { return saved.kernel_view(); }

/// `work()` without the GIL, while nothing else may use `handle`.
template <class Work>
auto look(Handle& handle, Work&& work) {
    const Handle::Running running(handle);
    const pybind11::gil_scoped_release no_gil;
    return work();
}

/// A saved state never changes: others may look at it too.
template <class Work>
auto look(const Saved&, Work&& work) {
    begin_polling();
    const pybind11::gil_scoped_release no_gil;
    return work();
}

}  // namespace hartlab::bindings
