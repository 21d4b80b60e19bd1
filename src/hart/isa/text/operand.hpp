// How the operands of each format are spelled, in order: what assembler, disassembler and reference page share.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hart/isa/compressed.hpp"
#include "hart/isa/format.hpp"

namespace hartlab {

enum class Operand : std::uint8_t {
    rd,
    rs1,
    rs2,  // integer registers
    fd,
    fs1,
    fs2,
    fs3,       // floating-point registers
    sp,        // the stack pointer, which no bits of the encoding say
    imm,       // a number
    shamt,     // a shift amount
    imm20,     // a number that Instruction::imm holds shifted left by 12
    memory,    // imm(rs1)
    stack,     // imm(sp); rs1 is implied
    address,   // (rs1)
    target,    // an address; Instruction::imm is its distance from the instruction
    csr,       // a name or number
    zimm,      // a number from 0 to 31, in rs1
    fence,     // pred, succ: two operands in one, any of i, o, r, w
    rounding,  // may be left out
};

[[nodiscard]] std::span<const Operand> operands_of(Format format);
[[nodiscard]] std::span<const Operand> operands_of(CompressedFormat format);

// The operand as error messages and the reference page name it: `rs1`, `imm(rs1)`.
[[nodiscard]] std::string_view operand_name(Operand operand);

}  // namespace hartlab
