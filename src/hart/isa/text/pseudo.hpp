// Pseudo-instructions: statements that stand for one or more real ones.  [asm-manual "Pseudoinstructions"]
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hart/isa/text/expression.hpp"
#include "hart/isa/text/source.hpp"

namespace hartlab {

struct Pseudo {
    std::string_view mnemonic;
    std::size_t operands;
    // Statements between semicolons. %0 to %2 are the operands, %pc is the address of the first statement.
    std::string_view expansion;
};

// All but `li`, whose expansion depends on its number. A mnemonic may stand here with several operand counts, and
// may also be a real instruction's, with fewer operands than that has: `jal loop`, `fence`.
[[nodiscard]] std::span<const Pseudo> pseudo_instructions();

struct Expansion {
    std::vector<Statement> statements;
    std::string error;  // empty when all is well
};

// What a statement stands for: nothing when it is no pseudo-instruction.
[[nodiscard]] std::optional<Expansion> expand_pseudo(const Statement& statement, const Place& place);

// The shortest usual sequence that sets register `rd` (a name) to `value`: addi, lui, addiw, and slli between parts.
[[nodiscard]] std::vector<std::string> load_immediate(std::string_view rd, std::int64_t value);

}  // namespace hartlab
