// A machine's state as bytes, the same on every host, and back. What is read may come from anywhere, so it is believed only as
// far as a guest or the host could have made it so.
#pragma once

#include "base/bytes.hpp"
#include "machine/machine.hpp"

namespace hartlab {

void write_state(ByteWriter& bytes, const MachineState& state);
/// Throws BadBytes unless it is the state of a machine of this configuration with a disk of at most `max_disk_size`, and
/// std::bad_alloc.
MachineState read_state(ByteReader& bytes, const MachineConfig& config, std::uint64_t max_disk_size);

}  // namespace hartlab
