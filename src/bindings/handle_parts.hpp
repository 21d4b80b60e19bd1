// The areas of the class that machines and kernels share in Python, a file each.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/handle.hpp"

namespace hartlab::bindings {

using HandleClass = pybind11::class_<Handle>;

void add_memory(HandleClass& handle);
void add_hart(HandleClass& handle);
void add_mmu(HandleClass& handle);
void add_stops(HandleClass& handle);

}  // namespace hartlab::bindings
