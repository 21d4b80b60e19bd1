// The areas of the class hartlab._engine.Kernel, a file each, and how all of them give up the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/handle.hpp"
#include "bindings/interrupt.hpp"

namespace hartlab::bindings {

using KernelClass = pybind11::class_<KernelHandle, Handle>;

void add_running(KernelClass& kernel);
void add_driving(KernelClass& kernel);
void add_functions(KernelClass& kernel);
void register_performer(pybind11::module_& m);
void add_seams(KernelClass& kernel);
void add_seam_files(KernelClass& kernel);
void add_console_and_files(KernelClass& kernel);
void add_instruments(KernelClass& kernel);

/// `work(kernel)` without the GIL, for what may take long. Ctrl-C during it raises afterwards.
template <class Work>
auto without_gil(KernelHandle& handle, Work&& work) {
    Kernel& kernel = handle.kernel();
    const auto do_it = [&] {
        const Handle::Running running(handle);
        const pybind11::gil_scoped_release no_gil;
        return work(kernel);
    };
    auto result = do_it();
    rethrow_signal();
    return result;
}

}  // namespace hartlab::bindings
