// The methods that return tables, on live and saved states alike; a file for each group.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/handle.hpp"
#include "bindings/saved.hpp"

namespace hartlab::bindings {

using SavedClass = pybind11::class_<Saved, std::shared_ptr<Saved>>;
using SavedKernelClass = pybind11::class_<SavedKernel, Saved, std::shared_ptr<SavedKernel>>;

/// Page tables, registers and TLB: of whatever has a hart and RAM.
void add_machine_tables(pybind11::class_<Handle>& live, SavedClass& saved);
/// Processes, frames, free list, files, areas, the audit: of a kernel.
void add_kernel_tables(pybind11::class_<KernelHandle, Handle>& live, SavedKernelClass& saved);

}  // namespace hartlab::bindings
