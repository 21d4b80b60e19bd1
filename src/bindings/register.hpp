// One function for each area of the bindings; module.cpp calls them in this order.
#pragma once

#include <pybind11/pybind11.h>

namespace hartlab::bindings {

void register_errors(pybind11::module_& m);
void register_constants(pybind11::module_& m);
void register_isa(pybind11::module_& m);
void register_handle(pybind11::module_& m);  // what machines and kernels share: RAM, hart, MMU, stops
void register_machine(pybind11::module_& m);
void register_kernel(pybind11::module_& m);
void register_inspect(pybind11::module_& m);

}  // namespace hartlab::bindings
