// The immediates of the 32-bit encodings, read and written: one pair of functions a layout, inverse to each other.
//
// Only bit shuffling, shared by decoder, expander and assembler; ranges are for the caller to check.
//
//   31        25 24   20 19   15 14  12 11          7 6      0
//  |   funct7   |  rs2  |  rs1  |funct3|     rd      | opcode |  R
//  |      imm[11:0]     |  rs1  |funct3|     rd      | opcode |  I
//  | imm[11:5]  |  rs2  |  rs1  |funct3|  imm[4:0]   | opcode |  S
//  | imm[12|10:5] | rs2 |  rs1  |funct3| imm[4:1|11] | opcode |  B
//  |              imm[31:12]           |     rd      | opcode |  U
//  |       imm[20|10:1|11|19:12]       |     rd      | opcode |  J
//  [unpriv "Immediate Encoding Variants"]
#pragma once

#include <cstdint>

namespace hartlab::fields {

// The `count` bits of `bits` from bit `low` up.
constexpr std::uint32_t get(std::uint32_t bits, int low, int count) {
    return (bits >> low) & ((std::uint32_t{1} << count) - 1);
}

constexpr std::uint8_t rd(std::uint32_t bits) { return static_cast<std::uint8_t>(get(bits, 7, 5)); }
constexpr std::uint8_t rs1(std::uint32_t bits) { return static_cast<std::uint8_t>(get(bits, 15, 5)); }
constexpr std::uint8_t rs2(std::uint32_t bits) { return static_cast<std::uint8_t>(get(bits, 20, 5)); }
constexpr std::uint8_t rs3(std::uint32_t bits) { return static_cast<std::uint8_t>(get(bits, 27, 5)); }
constexpr std::uint8_t rm(std::uint32_t bits) { return static_cast<std::uint8_t>(get(bits, 12, 3)); }

// An arithmetic shift of the whole word copies bit 31, which is the sign of every immediate.
constexpr std::int32_t sign(std::uint32_t bits, int right) { return static_cast<std::int32_t>(bits) >> right; }

constexpr std::int32_t imm_i(std::uint32_t bits) { return sign(bits, 20); }
constexpr std::int32_t imm_s(std::uint32_t bits) {
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(sign(bits, 20)) & ~0x1fU) | get(bits, 7, 5));
}
constexpr std::int32_t imm_b(std::uint32_t bits) {
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(sign(bits, 19)) & ~0xfffU) | get(bits, 7, 1) << 11 |
                                     get(bits, 25, 6) << 5 | get(bits, 8, 4) << 1);
}
constexpr std::int32_t imm_u(std::uint32_t bits) { return static_cast<std::int32_t>(bits & 0xffff'f000U); }
constexpr std::int32_t imm_j(std::uint32_t bits) {
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(sign(bits, 11)) & ~0xf'ffffU) |
                                     get(bits, 12, 8) << 12 | get(bits, 20, 1) << 11 | get(bits, 21, 10) << 1);
}

constexpr std::uint32_t put_rd(std::uint32_t n) { return n << 7; }
constexpr std::uint32_t put_rs1(std::uint32_t n) { return n << 15; }
constexpr std::uint32_t put_rs2(std::uint32_t n) { return n << 20; }
constexpr std::uint32_t put_rs3(std::uint32_t n) { return n << 27; }
constexpr std::uint32_t put_rm(std::uint32_t n) { return n << 12; }

constexpr std::uint32_t put_i(std::int32_t imm) { return static_cast<std::uint32_t>(imm) << 20; }
constexpr std::uint32_t put_s(std::int32_t imm) {
    const auto n = static_cast<std::uint32_t>(imm);
    return get(n, 5, 7) << 25 | get(n, 0, 5) << 7;
}
constexpr std::uint32_t put_b(std::int32_t imm) {
    const auto n = static_cast<std::uint32_t>(imm);
    return get(n, 12, 1) << 31 | get(n, 5, 6) << 25 | get(n, 1, 4) << 8 | get(n, 11, 1) << 7;
}
constexpr std::uint32_t put_j(std::int32_t imm) {
    const auto n = static_cast<std::uint32_t>(imm);
    return get(n, 20, 1) << 31 | get(n, 1, 10) << 21 | get(n, 11, 1) << 20 | get(n, 12, 8) << 12;
}

}  // namespace hartlab::fields
