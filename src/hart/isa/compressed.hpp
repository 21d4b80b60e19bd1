// The rows of compressed_list.hpp as data, and the way back from operands to a halfword.
//
// Decoding and expansion are declared in instruction.hpp; this is for those who spell instructions (assembler,
// disassembler, the reference page). Nothing here touches a machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "hart/isa/compressed_list.hpp"
#include "hart/isa/instruction.hpp"

namespace hartlab {

// A primed register is one of x8 to x15. The letters are the specification's types.
enum class CompressedFormat : std::uint8_t {
    none,                // CI   no operands
    sp_address,          // CIW  rd', sp, uimm; uimm not 0
    load_word,           // CL   rd', uimm(rs1')
    load_double,         // CL
    fp_load_double,      // CL   fd', uimm(rs1')
    store_word,          // CS   rs2', uimm(rs1')
    store_double,        // CS
    fp_store_double,     // CS   fs2', uimm(rs1')
    immediate,           // CI   rd, imm; rd is also rs1
    immediate_word,      // CI   rd, imm; rd not 0
    load_immediate,      // CI   rd, imm; rs1 is x0
    sp_adjust,           // CI   sp, imm; imm not 0
    upper,               // CI   rd, imm; imm not 0
    immediate_narrow,    // CB   rd', imm
    shift,               // CI   rd, shamt
    shift_narrow,        // CB   rd', shamt
    arithmetic,          // CA   rd', rs2'; rd' is also rs1
    jump,                // CJ   target; rd is x0
    branch,              // CB   rs1', target; rs2 is x0
    load_word_sp,        // CI   rd, uimm(sp); rd not 0
    load_double_sp,      // CI   rd, uimm(sp); rd not 0
    fp_load_double_sp,   // CI   fd, uimm(sp)
    store_word_sp,       // CSS  rs2, uimm(sp)
    store_double_sp,     // CSS  rs2, uimm(sp)
    fp_store_double_sp,  // CSS  fs2, uimm(sp)
    jump_register,       // CR   rs1 not 0; rd is x0
    call_register,       // CR   rs1; rd is ra
    move,                // CR   rd, rs2; rs1 is x0
    add,                 // CR   rd, rs2; rd is also rs1
    count
};

struct CompressedInfo {
    std::string_view mnemonic;
    std::uint16_t match, mask;
    CompressedFormat format;
    Op expansion;
};

inline constexpr auto COMPRESSED_TABLE = std::to_array<CompressedInfo>({
#define X(identifier, mnemonic, match, mask, format, op) {mnemonic, match, mask, CompressedFormat::format, Op::op},
    HARTLAB_COMPRESSED(X)
#undef X
});

// The row of a halfword; null when it is illegal or reserved.
[[nodiscard]] const CompressedInfo* find_compressed(std::uint16_t half) noexcept;

// What the immediate of a format can be: multiples of `step` from `low` to `high`, in units of Instruction::imm.
// All zero for formats without an immediate.
struct ImmediateRange {
    std::int32_t low, high, step;
};
[[nodiscard]] ImmediateRange immediate_range(CompressedFormat format) noexcept;

// The halfword of this row with the operands of `in` that its statement names (operands that the row implies, such
// as rs1 of c.addi, are not looked at). Nothing when this very row cannot say it: a register outside x8 to x15, an
// immediate that does not fit, a reserved zero.
[[nodiscard]] std::optional<std::uint16_t> encode_compressed(const CompressedInfo& info,
                                                             const Instruction& in) noexcept;

}  // namespace hartlab
