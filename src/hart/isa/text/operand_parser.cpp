#include "hart/isa/text/operand_parser.hpp"

#include <algorithm>
#include <span>

#include "hart/isa/csr_names.hpp"
#include "hart/isa/encoder.hpp"
#include "hart/isa/text/operand.hpp"
#include "hart/isa/text/operand_text.hpp"
#include "hart/isa/text/register_names.hpp"

namespace hartlab {
namespace {

using Error = std::string;  // empty: none

Error parse_register(std::string_view text, char letter, std::uint8_t& field) {
    if (const auto found = find_register(text, letter)) {
        field = *found;
        return {};
    }
    if (text.empty()) return "an operand is missing";
    const bool integer = letter == 'x';
    if (find_register(text, integer ? 'f' : 'x'))
        return std::string(text) + (integer ? " is a floating-point register; an integer register is needed here"
                                            : " is an integer register; a floating-point register is needed here");
    return quote(text) + (integer ? " is not an integer register (x0 to x31, or zero, ra, sp, gp, tp, t0 to t6, s0 to "
                                    "s11, a0 to a7)"
                                  : " is not a floating-point register (f0 to f31, or ft0 to ft11, fs0 to fs11, fa0 "
                                    "to fa7)");
}

std::string range_text(ImmediateRange range) { return std::to_string(range.low) + " to " + std::to_string(range.high); }

Error check_range(Wide value, ImmediateRange range, const char* what) {
    if (value < range.low || value > range.high) {
        int width = 1;  // of the field that holds the range
        while (range.low + (std::int64_t{1} << width) <= range.high) ++width;
        return std::string(what) + ' ' + wide_text(value) + " does not fit in " + std::to_string(width) + " bits (" +
               range_text(range) + ")";
    }
    if (value % range.step != 0)
        return std::string(what) + ' ' + wide_text(value) + " is not a multiple of " + std::to_string(range.step);
    return {};
}

Error parse_number(std::string_view text, const Place& place, ImmediateRange range, const char* what,
                   std::int32_t& field) {
    const Value number = evaluate(text, place);
    if (!number.error.empty()) return number.error;
    field = static_cast<std::int32_t>(number.value);
    return check_range(number.value, range, what);
}

Error parse_target(std::string_view text, const Place& place, ImmediateRange range, std::int32_t& field) {
    const Value target = evaluate(text, place);
    if (!target.error.empty()) return target.error;
    const Wide distance = target.value - Wide{place.address};
    field = static_cast<std::int32_t>(distance);
    if (distance % 2 != 0) return "the target, " + hex_text(static_cast<std::uint64_t>(target.value)) + ", is odd";
    if (distance < range.low || distance > range.high)
        return "the target is " + wide_text(distance) + " bytes away; this instruction reaches " + range_text(range);
    return {};
}

// lui, auipc: the 20 bits, as a signed or an unsigned number; the compressed form is checked when it is encoded.
Error parse_upper(std::string_view text, const Place& place, std::int32_t& field) {
    const Value number = evaluate(text, place);
    if (!number.error.empty()) return number.error;
    if (number.value < -0x80000 || number.value > 0xfffff)
        return "immediate " + wide_text(number.value) + " does not fit in 20 bits (0 to 0xfffff, or -524288 to -1)";
    field = static_cast<std::int32_t>(static_cast<std::uint32_t>(number.value) << 12);
    return {};
}

// imm(register): the immediate may be left out. A lone register will do for jalr.
Error parse_memory(std::string_view text, const Place& place, ImmediateRange range, bool lone_register,
                   Instruction& in) {
    if (lone_register && find_register(text, 'x')) return parse_register(text, 'x', in.rs1);
    const std::size_t open = text.rfind('(');
    if (open == std::string_view::npos || text.back() != ')')
        return quote(text) + " is not of the form imm(register), as in 8(sp)";
    const std::string_view offset = text.substr(0, open), base = text.substr(open + 1, text.size() - open - 2);
    if (Error error = parse_register(base, 'x', in.rs1); !error.empty()) return error;
    if (offset.find_first_not_of(' ') == std::string_view::npos) return {};
    return parse_number(offset, place, range, "offset", in.imm);
}

Error parse_csr(std::string_view text, const Place& place, std::int32_t& field) {
    if (const auto number = csr_number(text)) {
        field = *number;
        return {};
    }
    if (!text.empty() && is_label_start(text[0])) return "there is no CSR " + quote(text);
    return parse_number(text, place, {0, 4095, 1}, "CSR number", field);
}

Error parse_fence_set(std::string_view text, std::int32_t& field) {
    if (text == "0") return {};
    for (const char c : text) {
        const std::size_t bit = std::string_view("wroi").find(c);
        if (bit == std::string_view::npos || (field >> bit & 1) != 0)
            return quote(text) + " is not a set of i, o, r and w, as in rw";
        field |= 1 << bit;
    }
    return text.empty() ? "an operand is missing" : "";
}

Error parse_rounding(std::string_view text, std::uint8_t& field) {
    const auto found = std::find(ROUNDING_NAMES.begin(), ROUNDING_NAMES.end(), text);
    if (text.empty() || found == ROUNDING_NAMES.end())
        return quote(text) + " is not a rounding mode (rne, rtz, rdn, rup, rmm, dyn)";
    field = static_cast<std::uint8_t>(found - ROUNDING_NAMES.begin());
    return {};
}

Error parse_operand(Operand operand, std::string_view text, const Place& place, ImmediateRange range, Instruction& in) {
    switch (operand) {
    case Operand::rd: return parse_register(text, 'x', in.rd);
    case Operand::rs1: return parse_register(text, 'x', in.rs1);
    case Operand::rs2: return parse_register(text, 'x', in.rs2);
    case Operand::fd: return parse_register(text, 'f', in.rd);
    case Operand::fs1: return parse_register(text, 'f', in.rs1);
    case Operand::fs2: return parse_register(text, 'f', in.rs2);
    case Operand::fs3: return parse_register(text, 'f', in.rs3);
    case Operand::sp: return find_register(text, 'x') == 2 ? "" : quote(text) + " must be sp here";
    case Operand::imm: return parse_number(text, place, range, "immediate", in.imm);
    case Operand::shamt: return parse_number(text, place, range, "shift amount", in.imm);
    case Operand::imm20: return parse_upper(text, place, in.imm);
    case Operand::memory: return parse_memory(text, place, range, in.op == Op::jalr, in);
    case Operand::stack: {
        Error error = parse_memory(text, place, range, false, in);
        return error.empty() && in.rs1 != 2 ? "the base register must be sp here" : error;
    }
    case Operand::address: return parse_memory(text, place, {0, 0, 1}, false, in);
    case Operand::target: return parse_target(text, place, range, in.imm);
    case Operand::csr: return parse_csr(text, place, in.imm);
    case Operand::zimm: {
        std::int32_t number = 0;
        Error error = parse_number(text, place, {0, 31, 1}, "immediate", number);
        in.rs1 = static_cast<std::uint8_t>(number & 31);
        return error;
    }
    case Operand::fence: return parse_fence_set(text, in.imm);
    case Operand::rounding: return parse_rounding(text, in.rm);
    }
    return {};
}

std::string count_error(std::string_view mnemonic, std::span<const Operand> operands, std::size_t given) {
    std::string names;
    for (const Operand operand : operands) {
        if (!names.empty()) names += ", ";
        names += operand_name(operand);
    }
    if (names.empty()) names = "no operands";
    return quote(mnemonic) + " takes " + names + "; " + std::to_string(given) + (given == 1 ? " was" : " were") +
           " given";
}

Error parse_operands(std::span<const Operand> operands, const Statement& statement, const Place& place,
                     ImmediateRange range, Instruction& in) {
    const auto& given = statement.operands;
    if (operands.size() == 1 && operands[0] == Operand::fence) {
        if (given.size() != 2) return count_error(statement.mnemonic, operands, given.size());
        std::int32_t predecessor = 0;
        if (Error error = parse_fence_set(given[0], predecessor); !error.empty()) return error;
        Error error = parse_fence_set(given[1], in.imm);
        in.imm |= predecessor << 4;
        return error;
    }
    const bool optional_last = !operands.empty() && operands.back() == Operand::rounding;
    if (given.size() > operands.size() || given.size() + (optional_last ? 1 : 0) < operands.size())
        return count_error(statement.mnemonic, operands, given.size());
    for (std::size_t i = 0; i < given.size(); ++i)
        if (Error error = parse_operand(operands[i], given[i], place, range, in); !error.empty()) return error;
    return {};
}

ImmediateRange immediate_range(Format format) {
    switch (format) {
    case Format::shift: return {0, 63, 1};
    case Format::shift_word: return {0, 31, 1};
    case Format::branch: return {-0x1000, 0xffe, 2};
    case Format::jump: return {-0x10'0000, 0xf'fffe, 2};
    default: return {-0x800, 0x7ff, 1};
    }
}

// The immediate fits, and yet encode_compressed finds no encoding: would other registers do?
Error why_not_compressed(const CompressedInfo& row, Instruction in) {
    const auto encodes_with = [&row, &in](std::uint8_t reg) {
        in.rd = in.rs1 = in.rs2 = reg;
        return encode_compressed(row, in).has_value();
    };
    if (encodes_with(1)) return quote(row.mnemonic) + " cannot name this register: the encoding means something else";
    if (encodes_with(8))
        return quote(row.mnemonic) + " takes only the registers s0, s1 and a0 to a5 (x8 to x15; f8 to f15)";
    return quote(row.mnemonic) + " cannot have the immediate " + std::to_string(in.imm) + ": the encoding is reserved";
}

}  // namespace

std::string encode_statement(Op op, std::uint8_t ordering, const Statement& statement, const Place& place,
                             std::uint32_t& bits) {
    const Format format = instruction_info(op).format;
    Instruction in{};
    in.op = op;
    in.rm = has_rounding_mode(format) ? default_rounding(format) : ordering;
    Error error = parse_operands(operands_of(format), statement, place, immediate_range(format), in);
    bits = encode(in);
    return error;
}

std::string encode_statement(const CompressedInfo& row, const Statement& statement, const Place& place,
                             std::uint16_t& half) {
    Instruction in{};
    in.op = row.expansion;
    const ImmediateRange range = immediate_range(row.format);
    if (Error error = parse_operands(operands_of(row.format), statement, place, range, in); !error.empty())
        return error;
    if (row.format == CompressedFormat::upper && (in.imm < range.low || in.imm > range.high))
        return "immediate " + std::to_string(in.imm >> 12) + " does not fit in 6 bits (-32 to 31)";
    const std::optional<std::uint16_t> encoded = encode_compressed(row, in);
    if (!encoded) return why_not_compressed(row, in);
    half = *encoded;
    return {};
}

}  // namespace hartlab
