// decode(): which row of the list an encoding is, then its operands by the row's format.
//
// The rows are dealt into buckets, so that a decode compares the bits with one to four rows. Most major
// opcodes are told apart by funct3; OP-FP (whose funct3 is often a rounding mode) and AMO by funct7.
#include <array>
#include <vector>

#include "hart/isa/fields.hpp"
#include "hart/isa/instruction.hpp"

namespace hartlab {
namespace {

constexpr std::uint32_t OPCODE_AMO = 0x2f >> 2;
constexpr std::uint32_t OPCODE_FP = 0x53 >> 2;
constexpr std::uint32_t FIRST_AMO_BUCKET = 32 * 8;
constexpr std::uint32_t FIRST_FP_BUCKET = FIRST_AMO_BUCKET + 128;
constexpr std::uint32_t BUCKET_COUNT = FIRST_FP_BUCKET + 128;

constexpr std::uint32_t bucket_of(std::uint32_t bits) {
    const std::uint32_t opcode = fields::get(bits, 2, 5);
    if (opcode == OPCODE_FP) return FIRST_FP_BUCKET + fields::get(bits, 25, 7);
    if (opcode == OPCODE_AMO) return FIRST_AMO_BUCKET + fields::get(bits, 25, 7);
    return opcode << 3 | fields::get(bits, 12, 3);
}

// What all encodings of a bucket have in common: the inverse of bucket_of.
struct Pattern {
    std::uint32_t match, mask;
};

constexpr Pattern pattern_of(std::uint32_t bucket) {
    constexpr std::uint32_t major = 0x7f, funct3 = 7U << 12, funct7 = 127U << 25;
    if (bucket >= FIRST_FP_BUCKET) return {(bucket - FIRST_FP_BUCKET) << 25 | 0x53, major | funct7};
    if (bucket >= FIRST_AMO_BUCKET) return {(bucket - FIRST_AMO_BUCKET) << 25 | 0x2f, major | funct7};
    return {(bucket & 7) << 12 | (bucket >> 3) << 2 | 3, major | funct3};
}

// Can one encoding be of both patterns?
constexpr bool overlap(std::uint32_t match1, std::uint32_t mask1, std::uint32_t match2, std::uint32_t mask2) {
    return ((match1 ^ match2) & mask1 & mask2) == 0;
}

// Buckets by funct3 that OP-FP and AMO would have had are filled too, and never looked at: harmless.
struct Buckets {
    std::array<std::uint16_t, BUCKET_COUNT + 1> first{};  // a bucket is candidates[first[b] .. first[b + 1])
    std::vector<std::uint16_t> candidates;
};

Buckets deal() {
    Buckets buckets;
    for (std::uint32_t bucket = 0; bucket < BUCKET_COUNT; ++bucket) {
        const Pattern pattern = pattern_of(bucket);
        for (std::size_t row = 1; row < OP_COUNT; ++row) {
            const InstructionInfo& info = INSTRUCTION_TABLE[row];
            if (overlap(info.match, info.mask, pattern.match, pattern.mask))
                buckets.candidates.push_back(static_cast<std::uint16_t>(row));
        }
        buckets.first[bucket + 1] = static_cast<std::uint16_t>(buckets.candidates.size());
    }
    return buckets;
}

// Dealt when the engine is loaded: compilers bound what may be computed before, and differ in how much.
const Buckets BUCKETS = deal();

constexpr bool rows_are_sound() {
    for (std::size_t row = 1; row < OP_COUNT; ++row) {
        const InstructionInfo& info = INSTRUCTION_TABLE[row];
        if ((info.match & ~info.mask) != 0 || (info.mask & 0x7f) != 0x7f) return false;
        for (std::size_t other = 1; other < row; ++other)
            if (overlap(info.match, info.mask, INSTRUCTION_TABLE[other].match, INSTRUCTION_TABLE[other].mask))
                return false;
    }
    return true;
}
static_assert(rows_are_sound(), "two instructions share an encoding, or a match has bits outside its mask");

Op find_op(std::uint32_t bits) {
    const std::uint32_t bucket = bucket_of(bits);
    for (std::size_t i = BUCKETS.first[bucket]; i < BUCKETS.first[bucket + 1]; ++i) {
        const InstructionInfo& info = INSTRUCTION_TABLE[BUCKETS.candidates[i]];
        if ((bits & info.mask) == info.match) return static_cast<Op>(BUCKETS.candidates[i]);
    }
    return Op::illegal;
}

void read_operands(Instruction& in, Format format, std::uint32_t bits) {
    using namespace fields;
    switch (format) {
    case Format::none: break;
    case Format::fp_fused: in.rs3 = rs3(bits); [[fallthrough]];
    case Format::fp_reg_rm: in.rm = rm(bits); [[fallthrough]];
    case Format::reg:
    case Format::fp_reg:
    case Format::fp_compare: in.rd = rd(bits); [[fallthrough]];
    case Format::fence_vma:
        in.rs1 = rs1(bits);
        in.rs2 = rs2(bits);
        break;
    case Format::fp_unary_rm:
    case Format::fp_unary_exact:
    case Format::fp_to_int_rm:
    case Format::fp_from_int_rm:
    case Format::fp_from_int_exact: in.rm = rm(bits); [[fallthrough]];
    case Format::unary:
    case Format::fp_to_int:
    case Format::fp_from_int:
        in.rd = rd(bits);
        in.rs1 = rs1(bits);
        break;
    case Format::immediate:
    case Format::load:
    case Format::fp_load:
        in.rd = rd(bits);
        in.rs1 = rs1(bits);
        in.imm = imm_i(bits);
        break;
    case Format::shift:
    case Format::shift_word:
        in.rd = rd(bits);
        in.rs1 = rs1(bits);
        in.imm = static_cast<std::int32_t>(get(bits, 20, 6));
        break;
    case Format::csr:
    case Format::csr_immediate:
        in.rd = rd(bits);
        in.rs1 = rs1(bits);
        in.imm = static_cast<std::int32_t>(get(bits, 20, 12));
        break;
    case Format::fence: in.imm = static_cast<std::int32_t>(get(bits, 20, 12)); break;
    case Format::store:
    case Format::fp_store:
        in.rs1 = rs1(bits);
        in.rs2 = rs2(bits);
        in.imm = imm_s(bits);
        break;
    case Format::branch:
        in.rs1 = rs1(bits);
        in.rs2 = rs2(bits);
        in.imm = imm_b(bits);
        break;
    case Format::upper:
        in.rd = rd(bits);
        in.imm = imm_u(bits);
        break;
    case Format::jump:
        in.rd = rd(bits);
        in.imm = imm_j(bits);
        break;
    case Format::load_reserved:
    case Format::atomic:
        in.rd = rd(bits);
        in.rs1 = rs1(bits);
        in.rs2 = rs2(bits);
        in.rm = static_cast<std::uint8_t>(get(bits, 25, 2));
        break;
    }
}

}  // namespace

Instruction decode(std::uint32_t bits) noexcept {
    Instruction in{};
    in.bits = bits;
    in.length = 4;
    const Op op = find_op(bits);
    if (op == Op::illegal) return in;
    const Format format = instruction_info(op).format;
    if (has_rounding_mode(format) && (fields::rm(bits) == 5 || fields::rm(bits) == 6)) return in;
    in.op = op;
    read_operands(in, format, bits);
    return in;
}

}  // namespace hartlab
