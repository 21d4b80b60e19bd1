// Numbers and labels in assembly: `64`, `-0x10`, `'a'`, `loop + 4`, `1f`, `%lo(table - 0x80000000)`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hartlab {

// Wide enough that neither a signed nor an unsigned 64-bit constant, nor their sums, wrap around.
using Wide = __int128;

// The labels of a source text. A numeric label may stand many times: `1b` is the nearest above, `1f` below.
struct Labels {
    struct Numeric {
        std::size_t statement;
        std::uint64_t address;
    };
    std::map<std::string, std::uint64_t, std::less<>> named;
    std::map<std::string, std::vector<Numeric>, std::less<>> numeric;  // each in order of its statements
};

// Where an expression stands. `labels` is null while addresses are not known yet; naming a label is then an error.
struct Place {
    const Labels* labels;
    std::size_t statement;
    std::uint64_t address;
};

struct Value {
    Wide value;
    std::string error;  // empty when there is a value
};

// Sums and differences of numbers, characters, labels, `.` (the address of the statement), %hi() and %lo().
// Everything in `text` must be used up.
[[nodiscard]] Value evaluate(std::string_view text, const Place& place);

// `text` between quotes, cut short when it is long, and the decimal digits of a value: for messages.
[[nodiscard]] std::string quote(std::string_view text);
[[nodiscard]] std::string wide_text(Wide value);

// May this character be part of a label, the first character of one?
[[nodiscard]] bool is_label_character(char c);
[[nodiscard]] bool is_label_start(char c);

}  // namespace hartlab
