// What a guest has asked of its power supply. The run loop looks at it and ends.
#pragma once

#include <cstdint>

namespace hartlab {

enum class PowerRequest : std::uint8_t { none, off, reset };

struct Power {
    PowerRequest request = PowerRequest::none;
    std::uint64_t exit_code = 0;  // of PowerRequest::off
};

}  // namespace hartlab
