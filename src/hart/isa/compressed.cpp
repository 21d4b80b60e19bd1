// Compressed instructions, both ways: halfword to operands, operands to halfword.
//
// The immediates of RV64C are scattered so that hardware shares wires. Here each layout is drawn once, as pieces,
// and read and written by the same two loops.
#include "hart/isa/compressed.hpp"

#include <algorithm>

#include "hart/isa/encoder.hpp"
#include "hart/isa/fields.hpp"

namespace hartlab {
namespace {

// `width` bits of the halfword from bit `half_bit` up are the bits of the immediate from bit `imm_bit` up.
struct Piece {
    std::int8_t half_bit, width, imm_bit;
};

struct Layout {
    std::array<Piece, 8> pieces;  // unused ones have width 0
    std::int8_t sign_bit;         // of the immediate; -1 when it is unsigned
};

constexpr Layout NO_IMMEDIATE{{}, -1};
constexpr Layout SP_ADDRESS{{{{11, 2, 4}, {7, 4, 6}, {6, 1, 2}, {5, 1, 3}}}, -1};
constexpr Layout WORD{{{{10, 3, 3}, {6, 1, 2}, {5, 1, 6}}}, -1};
constexpr Layout DOUBLE{{{{10, 3, 3}, {5, 2, 6}}}, -1};
constexpr Layout SIX_BITS{{{{12, 1, 5}, {2, 5, 0}}}, 5};
constexpr Layout SHIFT{{{{12, 1, 5}, {2, 5, 0}}}, -1};
constexpr Layout UPPER{{{{12, 1, 17}, {2, 5, 12}}}, 17};
constexpr Layout SP_ADJUST{{{{12, 1, 9}, {6, 1, 4}, {5, 1, 6}, {3, 2, 7}, {2, 1, 5}}}, 9};
constexpr Layout JUMP{{{{12, 1, 11}, {11, 1, 4}, {9, 2, 8}, {8, 1, 10}, {7, 1, 6}, {6, 1, 7}, {3, 3, 1}, {2, 1, 5}}},
                      11};
constexpr Layout BRANCH{{{{12, 1, 8}, {10, 2, 3}, {5, 2, 6}, {3, 2, 1}, {2, 1, 5}}}, 8};
constexpr Layout LOAD_WORD_SP{{{{12, 1, 5}, {4, 3, 2}, {2, 2, 6}}}, -1};
constexpr Layout LOAD_DOUBLE_SP{{{{12, 1, 5}, {5, 2, 3}, {2, 3, 6}}}, -1};
constexpr Layout STORE_WORD_SP{{{{9, 4, 2}, {7, 2, 6}}}, -1};
constexpr Layout STORE_DOUBLE_SP{{{{10, 3, 3}, {7, 3, 6}}}, -1};

const Layout& layout_of(CompressedFormat format) {
    using enum CompressedFormat;
    switch (format) {
    case sp_address: return SP_ADDRESS;
    case load_word:
    case store_word: return WORD;
    case load_double:
    case fp_load_double:
    case store_double:
    case fp_store_double: return DOUBLE;
    case immediate:
    case immediate_word:
    case load_immediate:
    case immediate_narrow: return SIX_BITS;
    case sp_adjust: return SP_ADJUST;
    case upper: return UPPER;
    case shift:
    case shift_narrow: return SHIFT;
    case jump: return JUMP;
    case branch: return BRANCH;
    case load_word_sp: return LOAD_WORD_SP;
    case load_double_sp:
    case fp_load_double_sp: return LOAD_DOUBLE_SP;
    case store_word_sp: return STORE_WORD_SP;
    case store_double_sp:
    case fp_store_double_sp: return STORE_DOUBLE_SP;
    default: return NO_IMMEDIATE;
    }
}

std::int32_t gather(const Layout& layout, std::uint32_t half) {
    std::uint32_t imm = 0;
    for (const Piece& piece : layout.pieces) imm |= fields::get(half, piece.half_bit, piece.width) << piece.imm_bit;
    if (layout.sign_bit >= 0 && (imm >> layout.sign_bit & 1) != 0) imm |= ~std::uint32_t{0} << layout.sign_bit;
    return static_cast<std::int32_t>(imm);
}

std::uint32_t scatter(const Layout& layout, std::int32_t imm) {
    std::uint32_t half = 0;
    for (const Piece& piece : layout.pieces)
        half |= fields::get(static_cast<std::uint32_t>(imm), piece.imm_bit, piece.width) << piece.half_bit;
    return half;
}

constexpr std::uint8_t ZERO = 0, RA = 1, SP = 2;

// Where the registers of a format are, and which of the expansion's operands they give.
void read_registers(Instruction& in, CompressedFormat format, std::uint32_t half) {
    using enum CompressedFormat;
    const auto at = [half](int low, int count) { return static_cast<std::uint8_t>(fields::get(half, low, count)); };
    const std::uint8_t wide = at(7, 5), wide2 = at(2, 5);          // rd/rs1 and rs2 of CR, CI and CSS
    const auto narrow = static_cast<std::uint8_t>(8 + at(7, 3));   // rs1', and rd' of CA and CB
    const auto narrow2 = static_cast<std::uint8_t>(8 + at(2, 3));  // rs2', and rd' of CIW and CL
    switch (format) {
    case none:
    case jump:
    case count: break;
    case sp_address: in.rd = narrow2, in.rs1 = SP; break;
    case load_word:
    case load_double:
    case fp_load_double: in.rd = narrow2, in.rs1 = narrow; break;
    case store_word:
    case store_double:
    case fp_store_double: in.rs2 = narrow2, in.rs1 = narrow; break;
    case immediate:
    case immediate_word:
    case sp_adjust:
    case shift: in.rd = in.rs1 = wide; break;
    case load_immediate:
    case upper: in.rd = wide; break;
    case immediate_narrow:
    case shift_narrow: in.rd = in.rs1 = narrow; break;
    case arithmetic: in.rd = in.rs1 = narrow, in.rs2 = narrow2; break;
    case branch: in.rs1 = narrow, in.rs2 = ZERO; break;
    case load_word_sp:
    case load_double_sp:
    case fp_load_double_sp: in.rd = wide, in.rs1 = SP; break;
    case store_word_sp:
    case store_double_sp:
    case fp_store_double_sp: in.rs2 = wide2, in.rs1 = SP; break;
    case jump_register: in.rd = ZERO, in.rs1 = wide; break;
    case call_register: in.rd = RA, in.rs1 = wide; break;
    case move: in.rd = wide, in.rs1 = ZERO, in.rs2 = wide2; break;
    case add: in.rd = in.rs1 = wide, in.rs2 = wide2; break;
    }
}

// The inverse, for the registers that a statement names; nothing when one is out of reach of three bits.
std::optional<std::uint32_t> write_registers(CompressedFormat format, const Instruction& in) {
    using enum CompressedFormat;
    bool fits = true;
    const auto narrow = [&fits](std::uint8_t reg) {
        fits = fits && reg >= 8 && reg < 16;
        return static_cast<std::uint32_t>(reg & 7);
    };
    std::uint32_t half = 0;
    switch (format) {
    case none:
    case jump:
    case sp_adjust:
    case count: break;
    case sp_address: half = narrow(in.rd) << 2; break;
    case load_word:
    case load_double:
    case fp_load_double: half = narrow(in.rd) << 2 | narrow(in.rs1) << 7; break;
    case store_word:
    case store_double:
    case fp_store_double: half = narrow(in.rs2) << 2 | narrow(in.rs1) << 7; break;
    case immediate:
    case immediate_word:
    case load_immediate:
    case upper:
    case shift:
    case load_word_sp:
    case load_double_sp:
    case fp_load_double_sp: half = std::uint32_t{in.rd} << 7; break;
    case immediate_narrow:
    case shift_narrow: half = narrow(in.rd) << 7; break;
    case arithmetic: half = narrow(in.rd) << 7 | narrow(in.rs2) << 2; break;
    case branch: half = narrow(in.rs1) << 7; break;
    case store_word_sp:
    case store_double_sp:
    case fp_store_double_sp: half = std::uint32_t{in.rs2} << 2; break;
    case jump_register:
    case call_register: half = std::uint32_t{in.rs1} << 7; break;
    case move:
    case add: half = std::uint32_t{in.rd} << 7 | std::uint32_t{in.rs2} << 2; break;
    }
    return fits ? std::optional(half) : std::nullopt;
}

// The reserved encodings that a mask cannot express. All zeroes is one: c.addi4spn with uimm 0.
bool is_reserved(CompressedFormat format, std::uint32_t half) {
    using enum CompressedFormat;
    switch (format) {
    case sp_address:
    case sp_adjust:
    case upper: return gather(layout_of(format), half) == 0;
    case immediate_word:
    case load_word_sp:
    case load_double_sp:
    case jump_register: return fields::get(half, 7, 5) == 0;
    default: return false;
    }
}

// Rows by quadrant and funct3; rows_of[k] is the first row whose key is k or more.
constexpr std::size_t KEYS = 32;
constexpr std::size_t key_of(std::uint32_t half) { return (half & 3) << 3 | (half >> 13 & 7); }
constexpr std::array<std::uint8_t, KEYS + 1> first_rows() {
    std::array<std::uint8_t, KEYS + 1> first{};
    for (std::size_t key = 0; key <= KEYS; ++key)
        while (first[key] < COMPRESSED_TABLE.size() && key_of(COMPRESSED_TABLE[first[key]].match) < key) ++first[key];
    return first;
}
constexpr auto FIRST_ROW = first_rows();
static_assert(std::is_sorted(COMPRESSED_TABLE.begin(), COMPRESSED_TABLE.end(),
                             [](const auto& a, const auto& b) { return key_of(a.match) < key_of(b.match); }));

Instruction read_operands(const CompressedInfo& info, std::uint16_t half) {
    Instruction in{};
    in.op = info.expansion;
    in.length = 2;
    in.bits = half;
    in.imm = gather(layout_of(info.format), half);
    read_registers(in, info.format, half);
    return in;
}

}  // namespace

const CompressedInfo* find_compressed(std::uint16_t half) noexcept {
    const std::size_t key = key_of(half);
    for (std::size_t row = FIRST_ROW[key]; row < FIRST_ROW[key + 1]; ++row) {
        const CompressedInfo& info = COMPRESSED_TABLE[row];
        if ((half & info.mask) == info.match) return is_reserved(info.format, half) ? nullptr : &info;
    }
    return nullptr;
}

Instruction decode_compressed(std::uint16_t half) noexcept {
    if (const CompressedInfo* info = find_compressed(half)) return read_operands(*info, half);
    Instruction illegal{};
    illegal.length = 2;
    illegal.bits = half;
    return illegal;
}

std::uint32_t expand_compressed(std::uint16_t half) noexcept { return encode(decode_compressed(half)); }

ImmediateRange immediate_range(CompressedFormat format) noexcept {
    const Layout& layout = layout_of(format);
    std::uint32_t all = 0;  // every bit that the layout can set
    for (const Piece& piece : layout.pieces) all |= fields::get(~0U, 0, piece.width) << piece.imm_bit;
    if (all == 0) return {0, 0, 0};
    const auto step = static_cast<std::int32_t>(all & (~all + 1));
    if (layout.sign_bit < 0) return {0, static_cast<std::int32_t>(all), step};
    const std::int32_t sign = std::int32_t{1} << layout.sign_bit;
    return {-sign, static_cast<std::int32_t>(all) - sign, step};
}

std::optional<std::uint16_t> encode_compressed(const CompressedInfo& info, const Instruction& in) noexcept {
    const std::optional<std::uint32_t> registers = write_registers(info.format, in);
    if (!registers) return std::nullopt;
    const Layout& layout = layout_of(info.format);
    const auto half = static_cast<std::uint16_t>(info.match | scatter(layout, in.imm) | *registers);
    if (gather(layout, half) != in.imm) return std::nullopt;  // it was cut to fit
    const CompressedInfo* row = find_compressed(half);        // another row: a reserved zero, or a special case
    if (row == nullptr || row->mnemonic != info.mnemonic) return std::nullopt;
    return half;
}

}  // namespace hartlab
