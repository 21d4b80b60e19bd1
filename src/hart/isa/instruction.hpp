// An instruction as the rest of the hart sees it: which one (Op), and its operands already pulled out of the bits.
//
// Not its meaning: execution lives in src/hart. Not its spelling: see assembler.hpp and disassembler.hpp.
// Anyone may decode; the functions are pure, never fail otherwise than by Op::illegal, and touch no machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "hart/isa/format.hpp"
#include "hart/isa/instruction_list.hpp"

namespace hartlab {

// One enumerator a row of the list, in its order. `illegal` is zero, so that zeroed records are illegal ones.
// clang-format off
enum class Op : std::uint16_t {
    illegal,
#define X(identifier, mnemonic, match, mask, format, extension) identifier,
    HARTLAB_INSTRUCTIONS(X)
#undef X
    count
};
// clang-format on

inline constexpr std::size_t OP_COUNT = static_cast<std::size_t>(Op::count);

// The decoded record, small enough for arrays of it to be the decoded-code cache.
// A field that the instruction's format does not have is zero.
struct Instruction {
    Op op;
    std::uint8_t rd;   // x or f register, as the format says
    std::uint8_t rs1;  // likewise; the 5-bit zero-extended immediate of csrr*i
    std::uint8_t rs2;
    std::uint8_t rs3;
    std::uint8_t rm;      // rounding mode 0..4, or 7 for frm; of atomics aq << 1 | rl
    std::uint8_t length;  // 2 or 4 bytes
    std::int32_t imm;     // I, S, B, U (in place, << 12), J: sign-extended; shamt; CSR; fence's fm:pred:succ
    std::uint32_t bits;   // the raw encoding, 16 bits of it when length is 2; what stval shows if illegal
};
static_assert(sizeof(Instruction) == 16 && std::is_trivially_copyable_v<Instruction>);

// [unpriv "Expanded Instruction-Length Encoding"] Does this halfword start a 16-bit instruction?
inline constexpr bool is_compressed(std::uint16_t low) { return (low & 3) != 3; }

// Decodes a 32-bit encoding. When no row matches, or a static rounding mode is reserved: op is illegal, length 4.
// A dynamic rounding mode (rm 7) depends on frm, so whether it is legal is for the executor to say.
[[nodiscard]] Instruction decode(std::uint32_t bits) noexcept;

// Decodes a 16-bit encoding by its expansion; length is 2 and bits the halfword, whether or not it is legal.
[[nodiscard]] Instruction decode_compressed(std::uint16_t half) noexcept;

// The 32-bit encoding that a 16-bit one abbreviates; 0 (itself illegal) when it is illegal or reserved.
[[nodiscard]] std::uint32_t expand_compressed(std::uint16_t half) noexcept;

struct InstructionInfo {
    std::string_view mnemonic;
    std::uint32_t match, mask;
    Format format;
    Extension extension;
};

// Indexed by Op. The row of `illegal` matches no encoding.
// clang-format off
inline constexpr std::array<InstructionInfo, OP_COUNT> INSTRUCTION_TABLE = {{
    {"illegal", 1, 0, Format::none, Extension::I},
#define X(identifier, mnemonic, match, mask, format, extension) \
    {mnemonic, match, mask, Format::format, Extension::extension},
    HARTLAB_INSTRUCTIONS(X)
#undef X
}};
// clang-format on

inline constexpr const InstructionInfo& instruction_info(Op op) {
    return INSTRUCTION_TABLE[static_cast<std::size_t>(op)];
}

}  // namespace hartlab
