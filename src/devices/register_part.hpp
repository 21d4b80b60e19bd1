// Reads and writes of less than a whole 64-bit register.
#pragma once

#include <cstdint>

#include "base/bits.hpp"

namespace hartlab {

/// The `size` bytes at `offset` (0 to 7) of a 64-bit register.
constexpr std::uint64_t part(std::uint64_t reg, std::uint64_t offset, unsigned size) {
    return bits(reg >> (8 * offset), 8 * size - 1, 0);
}

/// `reg` with `value` in place of those bytes.
constexpr std::uint64_t with_part(std::uint64_t reg, std::uint64_t offset, unsigned size, std::uint64_t value) {
    const std::uint64_t field = mask(8 * size - 1, 0) << (8 * offset);
    return replace_bits(reg, field, value << (8 * offset));
}

}  // namespace hartlab
