// Directives: data and alignment among the instructions.
//
//   .byte .half .word .dword   numbers or labels, little-endian, at any address (.2byte .4byte .8byte too)
//   .ascii .asciz .string      quoted text; the last two add a zero byte
//   .zero .space               so many zero bytes
//   .align n                   zeroes or nops up to a multiple of 2^n; .balign n to a multiple of n
//   .globl .global .text       nothing: sources written for other assemblers have them
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hart/isa/text/expression.hpp"
#include "hart/isa/text/source.hpp"

namespace hartlab {

// The most bytes that a source may become.
inline constexpr std::uint64_t ASSEMBLY_LIMIT = std::uint64_t{16} << 20;

[[nodiscard]] bool is_directive(std::string_view mnemonic);

// How many bytes the directive takes at this place, in `size`; the result is the error in words, or empty.
// No label is looked at, so this can be asked before their addresses are known.
[[nodiscard]] std::string measure_directive(const Statement& statement, const Place& place, std::uint64_t& size);

// Adds the bytes of a directive that has been measured.
[[nodiscard]] std::string emit_directive(const Statement& statement, const Place& place,
                                         std::vector<std::uint8_t>& bytes);

}  // namespace hartlab
