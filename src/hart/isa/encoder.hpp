// encode(): the inverse of decode().
//
// It trusts its argument: operands that do not fit their fields are cut to them, so check ranges first. Used by the
// assembler and by the expansion of compressed instructions.
#pragma once

#include <cstdint>

#include "hart/isa/instruction.hpp"

namespace hartlab {

// The 32-bit encoding of `in`, whatever its `length` and `bits` say; 0 for Op::illegal.
[[nodiscard]] std::uint32_t encode(const Instruction& in) noexcept;

}  // namespace hartlab
