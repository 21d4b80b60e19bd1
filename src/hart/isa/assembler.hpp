// Text to machine code, for tests, lessons and small programs; a compiler's toolchain is not needed for these.
//
// It knows the instructions of the two lists, the usual pseudo-instructions (text/pseudo.cpp), labels, and
// directives for data (text/directives.hpp). Everything is one flat piece at `origin`: no sections, no relocations,
// no macros, and nothing is compressed that does not say `c.`. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hartlab {

struct Assembled {
    std::vector<std::uint8_t> bytes;  // empty when there is an error
    std::string error;                // in words: line, statement, what is wrong and what would be right
};

// Assembles `source` as though its first byte lay at address `origin`. Branch and jump targets are labels or
// addresses. The result has at most 16 MiB.
[[nodiscard]] Assembled assemble(std::string_view source, std::uint64_t origin = 0);

}  // namespace hartlab
