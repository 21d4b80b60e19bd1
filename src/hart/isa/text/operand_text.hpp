// Spellings that assembler and disassembler share: rounding modes, orderings, fence sets, CSRs, hexadecimal.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "hart/isa/csr_names.hpp"
#include "hart/isa/instruction.hpp"

namespace hartlab {

// By Instruction::rm; the empty ones are reserved.  [unpriv "Floating-Point Control and Status Register"]
inline constexpr std::array<std::string_view, 8> ROUNDING_NAMES = {"rne", "rtz", "rdn", "rup", "rmm", "", "", "dyn"};

// What a rounding mode left out means: frm's, or, where it cannot matter, the value that other assemblers write.
constexpr std::uint8_t default_rounding(Format format) {
    return format == Format::fp_unary_exact || format == Format::fp_from_int_exact ? 0 : 7;
}

// By aq << 1 | rl.  [unpriv "Specifying Ordering of Atomic Instructions"]
inline constexpr std::array<std::string_view, 4> ORDERING_SUFFIXES = {"", ".rl", ".aq", ".aqrl"};

// 0x and at least `digits` digits.
inline std::string hex_text(std::uint64_t value, int digits = 1) {
    char buffer[16];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, 16);
    const std::string text(buffer, end);
    const auto wanted = static_cast<std::size_t>(digits);
    return "0x" + std::string(text.size() < wanted ? wanted - text.size() : 0, '0') + text;
}

// The low four bits of `set`: device input and output, memory reads and writes; "0" for none of them.
inline std::string fence_set_text(std::int32_t set) {
    std::string text;
    for (int bit = 3; bit >= 0; --bit)
        if ((set >> bit & 1) != 0) text += "wroi"[bit];
    return text.empty() ? "0" : text;
}

// The CSR of a Zicsr instruction by name, or by number when it has no name.
inline std::string csr_text(const Instruction& in) {
    const auto number = static_cast<std::uint16_t>(in.imm);
    const std::string name = csr_name(number);
    return name.empty() ? hex_text(number, 3) : name;
}

}  // namespace hartlab
