// The list of 16-bit instructions of RV64C with F and D: each abbreviates a 32-bit one.  [unpriv "C"]
//
//   X(identifier, "mnemonic", match, mask, CompressedFormat, Op it expands to)
//
// Rows may overlap where the specification carves a special case out of a wider encoding: the first row that
// matches counts, so c.ebreak stands before c.jalr and that before c.add. All rows of one quadrant (bits 1:0) and
// funct3 (bits 15:13) stand together. What match and mask cannot say, that a field must not be zero, the format
// does: see compressed.cpp. Encodings that match nothing, and those, are reserved.
//
// The specification's HINTs (c.li to x0, a shift by 0 ...) have no rows of their own; they expand to instructions
// that change nothing.
#pragma once

// clang-format off: the rows are a table.
#define HARTLAB_COMPRESSED(X)                                                                                \
    /* Quadrant 0: registers x8 to x15 in three bits */                                                      \
    X(c_addi4spn, "c.addi4spn", 0x0000, 0xe003, sp_address, addi)                                            \
    X(c_fld, "c.fld", 0x2000, 0xe003, fp_load_double, fld)                                                   \
    X(c_lw, "c.lw", 0x4000, 0xe003, load_word, lw)                                                           \
    X(c_ld, "c.ld", 0x6000, 0xe003, load_double, ld)                                                         \
    X(c_fsd, "c.fsd", 0xa000, 0xe003, fp_store_double, fsd)                                                  \
    X(c_sw, "c.sw", 0xc000, 0xe003, store_word, sw)                                                          \
    X(c_sd, "c.sd", 0xe000, 0xe003, store_double, sd)                                                        \
    /* Quadrant 1 */                                                                                         \
    X(c_nop, "c.nop", 0x0001, 0xffff, none, addi)                                                            \
    X(c_addi, "c.addi", 0x0001, 0xe003, immediate, addi)                                                     \
    X(c_addiw, "c.addiw", 0x2001, 0xe003, immediate_word, addiw)                                             \
    X(c_li, "c.li", 0x4001, 0xe003, load_immediate, addi)                                                    \
    X(c_addi16sp, "c.addi16sp", 0x6101, 0xef83, sp_adjust, addi)                                             \
    X(c_lui, "c.lui", 0x6001, 0xe003, upper, lui)                                                            \
    X(c_srli, "c.srli", 0x8001, 0xec03, shift_narrow, srli)                                                  \
    X(c_srai, "c.srai", 0x8401, 0xec03, shift_narrow, srai)                                                  \
    X(c_andi, "c.andi", 0x8801, 0xec03, immediate_narrow, andi)                                              \
    X(c_sub, "c.sub", 0x8c01, 0xfc63, arithmetic, sub)                                                       \
    X(c_xor, "c.xor", 0x8c21, 0xfc63, arithmetic, xor_)                                                      \
    X(c_or, "c.or", 0x8c41, 0xfc63, arithmetic, or_)                                                         \
    X(c_and, "c.and", 0x8c61, 0xfc63, arithmetic, and_)                                                      \
    X(c_subw, "c.subw", 0x9c01, 0xfc63, arithmetic, subw)                                                    \
    X(c_addw, "c.addw", 0x9c21, 0xfc63, arithmetic, addw)                                                    \
    X(c_j, "c.j", 0xa001, 0xe003, jump, jal)                                                                 \
    X(c_beqz, "c.beqz", 0xc001, 0xe003, branch, beq)                                                         \
    X(c_bnez, "c.bnez", 0xe001, 0xe003, branch, bne)                                                         \
    /* Quadrant 2 */                                                                                         \
    X(c_slli, "c.slli", 0x0002, 0xe003, shift, slli)                                                         \
    X(c_fldsp, "c.fldsp", 0x2002, 0xe003, fp_load_double_sp, fld)                                            \
    X(c_lwsp, "c.lwsp", 0x4002, 0xe003, load_word_sp, lw)                                                    \
    X(c_ldsp, "c.ldsp", 0x6002, 0xe003, load_double_sp, ld)                                                  \
    X(c_jr, "c.jr", 0x8002, 0xf07f, jump_register, jalr)                                                     \
    X(c_mv, "c.mv", 0x8002, 0xf003, move, add)                                                               \
    X(c_ebreak, "c.ebreak", 0x9002, 0xffff, none, ebreak)                                                    \
    X(c_jalr, "c.jalr", 0x9002, 0xf07f, call_register, jalr)                                                 \
    X(c_add, "c.add", 0x9002, 0xf003, add, add)                                                              \
    X(c_fsdsp, "c.fsdsp", 0xa002, 0xe003, fp_store_double_sp, fsd)                                           \
    X(c_swsp, "c.swsp", 0xc002, 0xe003, store_word_sp, sw)                                                   \
    X(c_sdsp, "c.sdsp", 0xe002, 0xe003, store_double_sp, sd)
// clang-format on
