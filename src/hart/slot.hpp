// A decoded instruction as the executor wants it: where its code is, its operands, and its place in its basic block.
#pragma once

#include <cstdint>
#include <type_traits>

namespace hartlab {

/// The x register that takes what instructions write to x0, and that nobody reads.
inline constexpr std::uint8_t SINK = 32;

struct Slot {
    std::int32_t handler = 0;  // offset of the code that executes it (hart/threaded_loop.cpp)
    std::int32_t imm = 0;      // as in Instruction; of a near branch, the distance to its target in slots
    std::uint8_t rd = 0;       // an x register: SINK instead of x0
    std::uint8_t rs1 = 0, rs2 = 0, rs3 = 0;
    std::uint8_t rm = 0;
    std::uint8_t length = 0;  // in bytes: 2 or 4
    std::uint16_t block = 0;  // instructions from this one to the end of its basic block, itself included
};
static_assert(sizeof(Slot) == 16 && std::is_trivially_copyable_v<Slot>);

}  // namespace hartlab
