// The operand formats and the extensions that rows of the instruction lists name.
//
// A Format says two things at once: which fields an encoding has (so how `decode` reads it and the assembler
// writes it), and how its operands are spelled. It is finer than the specification's R, I, S, B, U and J because
// `lw a0, 4(a1)` and `addi a0, a1, 4` are both I-type. Anyone may use it; it knows nothing of execution.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace hartlab {

// [unpriv "Base Instruction Formats"] The letter is the specification's type of the encoding.
enum class Format : std::uint8_t {
    none,           // I  no operands: ecall, mret, fence.i
    reg,            // R  rd, rs1, rs2
    immediate,      // I  rd, rs1, imm12
    shift,          // I  rd, rs1, shamt6
    shift_word,     // I  rd, rs1, shamt5
    unary,          // R  rd, rs1
    load,           // I  rd, imm12(rs1); jalr too
    store,          // S  rs2, imm12(rs1)
    branch,         // B  rs1, rs2, target
    upper,          // U  rd, imm20
    jump,           // J  rd, target
    fence,          // I  pred, succ
    fence_vma,      // R  rs1, rs2
    csr,            // I  rd, csr, rs1
    csr_immediate,  // I  rd, csr, zimm5
    load_reserved,  // R  rd, (rs1); aq and rl as suffix of the mnemonic
    atomic,         // R  rd, rs2, (rs1); likewise

    fp_load,            // I   fd, imm12(rs1)
    fp_store,           // S   fs2, imm12(rs1)
    fp_fused,           // R4  fd, fs1, fs2, fs3, rm
    fp_reg,             // R   fd, fs1, fs2
    fp_reg_rm,          // R   fd, fs1, fs2, rm
    fp_unary_rm,        // R   fd, fs1, rm
    fp_unary_exact,     // R   fd, fs1; has an rm field, which cannot matter: fcvt.d.s
    fp_compare,         // R   rd, fs1, fs2
    fp_to_int,          // R   rd, fs1
    fp_to_int_rm,       // R   rd, fs1, rm
    fp_from_int,        // R   fd, rs1
    fp_from_int_rm,     // R   fd, rs1, rm
    fp_from_int_exact,  // R   fd, rs1; has an rm field, which cannot matter: fcvt.d.w
};

// The enumerator as text: for tables and reference pages.
constexpr std::string_view format_name(Format format) {
    constexpr std::string_view names[] = {
        "none",       "reg",       "immediate",     "shift",         "shift_word",     "unary",
        "load",       "store",     "branch",        "upper",         "jump",           "fence",
        "fence_vma",  "csr",       "csr_immediate", "load_reserved", "atomic",         "fp_load",
        "fp_store",   "fp_fused",  "fp_reg",        "fp_reg_rm",     "fp_unary_rm",    "fp_unary_exact",
        "fp_compare", "fp_to_int", "fp_to_int_rm",  "fp_from_int",   "fp_from_int_rm", "fp_from_int_exact",
    };
    static_assert(std::size(names) == static_cast<std::size_t>(Format::fp_from_int_exact) + 1);
    return names[static_cast<std::size_t>(format)];
}

// Does bits[14:12] hold a rounding mode? [unpriv "Floating-Point Control and Status Register"]
constexpr bool has_rounding_mode(Format format) {
    switch (format) {
    case Format::fp_fused:
    case Format::fp_reg_rm:
    case Format::fp_unary_rm:
    case Format::fp_unary_exact:
    case Format::fp_to_int_rm:
    case Format::fp_from_int_rm:
    case Format::fp_from_int_exact: return true;
    default: return false;
    }
}

enum class Extension : std::uint8_t { I, M, A, F, D, C, Zicsr, Zifencei, Privileged, Zba, Zbb, Zbs };

constexpr std::string_view extension_name(Extension extension) {
    constexpr std::string_view names[] = {"I",     "M",        "A",          "F",   "D",   "C",
                                          "Zicsr", "Zifencei", "Privileged", "Zba", "Zbb", "Zbs"};
    return names[static_cast<std::size_t>(extension)];
}

}  // namespace hartlab
