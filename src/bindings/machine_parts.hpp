// The parts of Machine's bindings: machine.cpp makes the class and calls one add_* for each.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/handle.hpp"

namespace hartlab::bindings {

using MachineClass = pybind11::class_<MachineHandle, Handle>;

void add_board(MachineClass& machine);
void add_trap_log(MachineClass& machine);

}  // namespace hartlab::bindings
