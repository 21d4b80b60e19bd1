// A fault of the guest as hartlab.PageFault, for accesses that Python asked for.
#pragma once

#include "base/fault.hpp"

namespace hartlab::bindings {

/// Throws hartlab.errors.PageFault. `access` is "fetch", "load" or "store".
[[noreturn]] void raise_page_fault(const Fault& fault, const char* access);

}  // namespace hartlab::bindings
