// A kernel's state as bytes, and back, as of a machine (machine/state_bytes.hpp). Replaced functions are configuration and no
// part of it, and so are the variables of C code: who saves them says whose they are.
#pragma once

#include "base/bytes.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

void write_state(ByteWriter& bytes, const KernelState& state);
/// Throws BadBytes unless it is the state of a kernel on a machine of this configuration, and std::bad_alloc.
KernelState read_kernel_state(ByteReader& bytes, const MachineConfig& config);

}  // namespace hartlab
