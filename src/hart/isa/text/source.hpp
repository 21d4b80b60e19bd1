// Assembly source cut into statements: comments gone, labels apart, operands at their commas. No meaning yet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hartlab {

struct Statement {
    int line;                           // of the source, from 1
    std::vector<std::string> labels;    // that stand before it
    std::string text;                   // as written, without labels and comment; empty for labels alone
    std::string mnemonic;               // its first word
    std::vector<std::string> operands;  // the rest, at commas outside quotes and parentheses
};

// Statements end at `;` and at the end of the line; `#` and `//` start a comment. A statement that is only blank is
// left out. Quotes hide all of these.
[[nodiscard]] std::vector<Statement> split_source(std::string_view source);

// Mnemonic and operands of one statement without labels.
[[nodiscard]] Statement parse_statement(std::string_view text, int line);

}  // namespace hartlab
