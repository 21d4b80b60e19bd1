// Bit fields of registers and encodings, by position as the manuals give them: bits(v, high, low).
#pragma once

#include <cstdint>

namespace hartlab {

constexpr std::uint64_t bits(std::uint64_t value, unsigned high, unsigned low) {
    return (value >> low) & (~std::uint64_t{0} >> (63 - (high - low)));
}

constexpr bool bit(std::uint64_t value, unsigned position) { return (value >> position) & 1; }

constexpr std::uint64_t mask(unsigned high, unsigned low) { return (~std::uint64_t{0} >> (63 - (high - low))) << low; }

/// `value` with the bits of `field_mask` taken from `field` (which is already in place).
constexpr std::uint64_t replace_bits(std::uint64_t value, std::uint64_t field_mask, std::uint64_t field) {
    return (value & ~field_mask) | (field & field_mask);
}

constexpr std::int64_t sign_extend(std::uint64_t value, unsigned width) {
    const unsigned shift = 64 - width;
    return static_cast<std::int64_t>(value << shift) >> shift;
}

/// The 32-bit result of a W instruction: sign-extended into the 64-bit register.
constexpr std::uint64_t sext32(std::uint64_t value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
}

}  // namespace hartlab
