// States as bytes: what machine.cpp and kernel.cpp add to their classes.
#pragma once

#include <memory>

#include "bindings/kernel_parts.hpp"
#include "bindings/machine_parts.hpp"
#include "bindings/tables.hpp"

namespace hartlab::bindings {

using SavedMachineClass = pybind11::class_<SavedMachine, Saved, std::shared_ptr<SavedMachine>>;

void add_state_bytes(SavedMachineClass& saved, MachineClass& machine);
void add_state_bytes(SavedKernelClass& saved, KernelClass& kernel);

}  // namespace hartlab::bindings
