// The other name of an instruction, where programmers use one: `mv a0, a1` for `addi a0, a1, 0`.
// [asm-manual "Pseudoinstructions"] The way back, and pseudo-instructions of several instructions: pseudo.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "hart/isa/instruction.hpp"

namespace hartlab {

// The whole statement under its alias; empty when there is none. The instruction must be legal.
[[nodiscard]] std::string alias_text(const Instruction& in, std::uint64_t pc);

}  // namespace hartlab
