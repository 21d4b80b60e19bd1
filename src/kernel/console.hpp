// The console as a device: what read and write on it come to. Typing is Kernel::console_input; see file.hpp for Transfer.
#pragma once

#include "kernel/file.hpp"

namespace hartlab {

/// A line, or what there is of it up to `n` bytes; 0 at an end of file (Ctrl-D). Sleeps until one has been typed.
Transfer consoleread(Kernel& kernel, VirtAddr va, std::int32_t n);
/// Bytes printed: fewer than `n` when user memory ends.
Transfer consolewrite(Kernel& kernel, VirtAddr va, std::int32_t n);

}  // namespace hartlab
