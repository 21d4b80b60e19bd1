// Small services about one process, for the kernel's own files: its name, whether it was killed, what it sleeps on.
// The functions that a lab may replace are in kernel/functions.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/kernel.hpp"

namespace hartlab {

inline std::string name_of(Kernel& kernel, RamStruct<Proc> p) {
    return kernel.read_string(p.address_of(&Proc::name), sizeof(Proc::name));
}
/// As safestrcpy: cut to fit, the zero byte included.
void set_name(Kernel& kernel, RamStruct<Proc> p, std::string_view name);

inline bool killed(RamStruct<Proc> p) { return p[&Proc::killed] != 0; }

/// Pages have gone from the process's table. Without ASIDs the way back to user mode fences everything; with them, this does.
void fence_after_unmapping(Kernel& kernel, RamStruct<Proc> p);

/// The state as procdump prints it, six characters wide.
const char* state_name(std::int32_t state);

/// Waits for a child to exit; its status goes to user address `status` unless that is 0. The child's pid, or -1: there is
/// no child, the caller was killed, or the status cannot be written (the child stays). Nothing when it has to sleep.
/// Not in the seam table, because it blocks.
std::optional<int> wait(Kernel& kernel, VirtAddr status);

/// What `slot` waits for, in words; empty when it does not sleep.
std::string waits_for(Kernel& kernel, std::size_t slot);

}  // namespace hartlab
