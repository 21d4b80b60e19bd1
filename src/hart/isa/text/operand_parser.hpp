// Operands of a statement into the fields of an Instruction: the inverse of the disassembler's spelling.
#pragma once

#include <string>

#include "hart/isa/compressed.hpp"
#include "hart/isa/instruction.hpp"
#include "hart/isa/text/expression.hpp"
#include "hart/isa/text/source.hpp"

namespace hartlab {

// Encodes one real instruction into `bits`; the result is the error in words, empty when all is well.
// `ordering` is aq << 1 | rl, from the suffix of an atomic's mnemonic.
[[nodiscard]] std::string encode_statement(Op op, std::uint8_t ordering, const Statement& statement, const Place& place,
                                           std::uint32_t& bits);

// The same for a compressed instruction under its own name.
[[nodiscard]] std::string encode_statement(const CompressedInfo& row, const Statement& statement, const Place& place,
                                           std::uint16_t& half);

}  // namespace hartlab
