// Kernels that begin where another of the same configuration stood after booting, in microseconds instead of a boot.
#pragma once

#include <memory>

#include "kernel/kernel.hpp"

namespace hartlab {

/// A kernel of that configuration, just booted. The second one of a configuration is a copy of the first one's memory.
/// Throws as Kernel's constructor does. Safe to call from several threads.
std::unique_ptr<Kernel> new_kernel(const KernelConfig& config);

}  // namespace hartlab
