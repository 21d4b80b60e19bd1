// Which instruction a mnemonic names, and which it may have been meant to be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hart/isa/compressed.hpp"
#include "hart/isa/instruction.hpp"

namespace hartlab {

// One of the two is set; neither when nothing has this name.
struct Mnemonic {
    Op op = Op::illegal;
    std::uint8_t ordering = 0;  // aq << 1 | rl, from an atomic's suffix: amoadd.w.aqrl
    const CompressedInfo* compressed = nullptr;
};

[[nodiscard]] Mnemonic find_mnemonic(std::string_view name);

// Up to three names of instructions and pseudo-instructions near a misspelt one, `add, addi`; may be empty.
[[nodiscard]] std::string near_mnemonics(std::string_view name);

}  // namespace hartlab
