// The one list of instructions: decoder, executor, assembler, disassembler and the reference page are all made
// from these rows, so an instruction that is not here exists nowhere, and one that is here is everywhere.
//
// It is only the list. What a Format means is in format.hpp, the Op that a row gives its name to in
// instruction.hpp; the 16-bit encodings are rows of compressed_list.hpp. Anyone may expand it.
//
//   X(identifier, "mnemonic", match, mask, Format, Extension)
//
// An encoding `bits` is this instruction when (bits & mask) == match. The masks are strict: a bit that the
// specification reserves is in the mask, so a reserved encoding matches no row and is illegal. Rounding mode
// fields (formats with has_rounding_mode) are the exception: `decode` rejects the reserved values 5 and 6 itself.
// An identifier has `_` for a dot, and ends in `_` where C++ reserves the word.
//
// To add an extension: its rows here, its name in Extension, and a Format if its operands are of a new kind.
#pragma once

// clang-format off: the rows are a table.
#define HARTLAB_INSTRUCTIONS(X)                                                                                   \
    /* RV64I, base integer instructions                     [unpriv "RV32I", "RV64I"] */                          \
    X(lui, "lui", 0x00000037, 0x0000007f, upper, I)                                                               \
    X(auipc, "auipc", 0x00000017, 0x0000007f, upper, I)                                                           \
    X(jal, "jal", 0x0000006f, 0x0000007f, jump, I)                                                                \
    X(jalr, "jalr", 0x00000067, 0x0000707f, load, I)                                                              \
    X(beq, "beq", 0x00000063, 0x0000707f, branch, I)                                                              \
    X(bne, "bne", 0x00001063, 0x0000707f, branch, I)                                                              \
    X(blt, "blt", 0x00004063, 0x0000707f, branch, I)                                                              \
    X(bge, "bge", 0x00005063, 0x0000707f, branch, I)                                                              \
    X(bltu, "bltu", 0x00006063, 0x0000707f, branch, I)                                                            \
    X(bgeu, "bgeu", 0x00007063, 0x0000707f, branch, I)                                                            \
    X(lb, "lb", 0x00000003, 0x0000707f, load, I)                                                                  \
    X(lh, "lh", 0x00001003, 0x0000707f, load, I)                                                                  \
    X(lw, "lw", 0x00002003, 0x0000707f, load, I)                                                                  \
    X(ld, "ld", 0x00003003, 0x0000707f, load, I)                                                                  \
    X(lbu, "lbu", 0x00004003, 0x0000707f, load, I)                                                                \
    X(lhu, "lhu", 0x00005003, 0x0000707f, load, I)                                                                \
    X(lwu, "lwu", 0x00006003, 0x0000707f, load, I)                                                                \
    X(sb, "sb", 0x00000023, 0x0000707f, store, I)                                                                 \
    X(sh, "sh", 0x00001023, 0x0000707f, store, I)                                                                 \
    X(sw, "sw", 0x00002023, 0x0000707f, store, I)                                                                 \
    X(sd, "sd", 0x00003023, 0x0000707f, store, I)                                                                 \
    X(addi, "addi", 0x00000013, 0x0000707f, immediate, I)                                                         \
    X(slti, "slti", 0x00002013, 0x0000707f, immediate, I)                                                         \
    X(sltiu, "sltiu", 0x00003013, 0x0000707f, immediate, I)                                                       \
    X(xori, "xori", 0x00004013, 0x0000707f, immediate, I)                                                         \
    X(ori, "ori", 0x00006013, 0x0000707f, immediate, I)                                                           \
    X(andi, "andi", 0x00007013, 0x0000707f, immediate, I)                                                         \
    X(slli, "slli", 0x00001013, 0xfc00707f, shift, I)                                                             \
    X(srli, "srli", 0x00005013, 0xfc00707f, shift, I)                                                             \
    X(srai, "srai", 0x40005013, 0xfc00707f, shift, I)                                                             \
    X(add, "add", 0x00000033, 0xfe00707f, reg, I)                                                                 \
    X(sub, "sub", 0x40000033, 0xfe00707f, reg, I)                                                                 \
    X(sll, "sll", 0x00001033, 0xfe00707f, reg, I)                                                                 \
    X(slt, "slt", 0x00002033, 0xfe00707f, reg, I)                                                                 \
    X(sltu, "sltu", 0x00003033, 0xfe00707f, reg, I)                                                               \
    X(xor_, "xor", 0x00004033, 0xfe00707f, reg, I)                                                                \
    X(srl, "srl", 0x00005033, 0xfe00707f, reg, I)                                                                 \
    X(sra, "sra", 0x40005033, 0xfe00707f, reg, I)                                                                 \
    X(or_, "or", 0x00006033, 0xfe00707f, reg, I)                                                                  \
    X(and_, "and", 0x00007033, 0xfe00707f, reg, I)                                                                \
    X(addiw, "addiw", 0x0000001b, 0x0000707f, immediate, I)                                                       \
    X(slliw, "slliw", 0x0000101b, 0xfe00707f, shift_word, I)                                                      \
    X(srliw, "srliw", 0x0000501b, 0xfe00707f, shift_word, I)                                                      \
    X(sraiw, "sraiw", 0x4000501b, 0xfe00707f, shift_word, I)                                                      \
    X(addw, "addw", 0x0000003b, 0xfe00707f, reg, I)                                                               \
    X(subw, "subw", 0x4000003b, 0xfe00707f, reg, I)                                                               \
    X(sllw, "sllw", 0x0000103b, 0xfe00707f, reg, I)                                                               \
    X(srlw, "srlw", 0x0000503b, 0xfe00707f, reg, I)                                                               \
    X(sraw, "sraw", 0x4000503b, 0xfe00707f, reg, I)                                                               \
    /* Reserved fm, pred, succ: a plain fence; rd, rs1 ignored [unpriv "Memory Ordering Instructions"] */         \
    X(fence, "fence", 0x0000000f, 0x0000707f, fence, I)                                                           \
    X(ecall, "ecall", 0x00000073, 0xffffffff, none, I)                                                            \
    X(ebreak, "ebreak", 0x00100073, 0xffffffff, none, I)                                                          \
    /* Zifencei: rd, rs1 and imm are ignored                [unpriv "Zifencei"] */                                \
    X(fence_i, "fence.i", 0x0000100f, 0x0000707f, none, Zifencei)                                                 \
    /* Zicsr, control and status registers                  [unpriv "Zicsr"] */                                   \
    X(csrrw, "csrrw", 0x00001073, 0x0000707f, csr, Zicsr)                                                         \
    X(csrrs, "csrrs", 0x00002073, 0x0000707f, csr, Zicsr)                                                         \
    X(csrrc, "csrrc", 0x00003073, 0x0000707f, csr, Zicsr)                                                         \
    X(csrrwi, "csrrwi", 0x00005073, 0x0000707f, csr_immediate, Zicsr)                                             \
    X(csrrsi, "csrrsi", 0x00006073, 0x0000707f, csr_immediate, Zicsr)                                             \
    X(csrrci, "csrrci", 0x00007073, 0x0000707f, csr_immediate, Zicsr)                                             \
    /* Privileged instructions                              [priv "Machine-Level ISA", "Supervisor-Level ISA"] */ \
    X(mret, "mret", 0x30200073, 0xffffffff, none, Privileged)                                                     \
    X(sret, "sret", 0x10200073, 0xffffffff, none, Privileged)                                                     \
    X(wfi, "wfi", 0x10500073, 0xffffffff, none, Privileged)                                                       \
    X(sfence_vma, "sfence.vma", 0x12000073, 0xfe007fff, fence_vma, Privileged)                                    \
    /* M, multiplication and division                       [unpriv "M"] */                                       \
    X(mul, "mul", 0x02000033, 0xfe00707f, reg, M)                                                                 \
    X(mulh, "mulh", 0x02001033, 0xfe00707f, reg, M)                                                               \
    X(mulhsu, "mulhsu", 0x02002033, 0xfe00707f, reg, M)                                                           \
    X(mulhu, "mulhu", 0x02003033, 0xfe00707f, reg, M)                                                             \
    X(div, "div", 0x02004033, 0xfe00707f, reg, M)                                                                 \
    X(divu, "divu", 0x02005033, 0xfe00707f, reg, M)                                                               \
    X(rem, "rem", 0x02006033, 0xfe00707f, reg, M)                                                                 \
    X(remu, "remu", 0x02007033, 0xfe00707f, reg, M)                                                               \
    X(mulw, "mulw", 0x0200003b, 0xfe00707f, reg, M)                                                               \
    X(divw, "divw", 0x0200403b, 0xfe00707f, reg, M)                                                               \
    X(divuw, "divuw", 0x0200503b, 0xfe00707f, reg, M)                                                             \
    X(remw, "remw", 0x0200603b, 0xfe00707f, reg, M)                                                               \
    X(remuw, "remuw", 0x0200703b, 0xfe00707f, reg, M)                                                             \
    /* Zba, address generation                              [bitmanip 2.1] */                                     \
    X(add_uw, "add.uw", 0x0800003b, 0xfe00707f, reg, Zba)                                                         \
    X(sh1add, "sh1add", 0x20002033, 0xfe00707f, reg, Zba)                                                         \
    X(sh2add, "sh2add", 0x20004033, 0xfe00707f, reg, Zba)                                                         \
    X(sh3add, "sh3add", 0x20006033, 0xfe00707f, reg, Zba)                                                         \
    X(sh1add_uw, "sh1add.uw", 0x2000203b, 0xfe00707f, reg, Zba)                                                   \
    X(sh2add_uw, "sh2add.uw", 0x2000403b, 0xfe00707f, reg, Zba)                                                   \
    X(sh3add_uw, "sh3add.uw", 0x2000603b, 0xfe00707f, reg, Zba)                                                   \
    X(slli_uw, "slli.uw", 0x0800101b, 0xfc00707f, shift, Zba)                                                     \
    /* Zbb, basic bit manipulation                          [bitmanip 2.2] */                                     \
    X(andn, "andn", 0x40007033, 0xfe00707f, reg, Zbb)                                                             \
    X(orn, "orn", 0x40006033, 0xfe00707f, reg, Zbb)                                                               \
    X(xnor, "xnor", 0x40004033, 0xfe00707f, reg, Zbb)                                                             \
    X(clz, "clz", 0x60001013, 0xfff0707f, unary, Zbb)                                                             \
    X(clzw, "clzw", 0x6000101b, 0xfff0707f, unary, Zbb)                                                           \
    X(ctz, "ctz", 0x60101013, 0xfff0707f, unary, Zbb)                                                             \
    X(ctzw, "ctzw", 0x6010101b, 0xfff0707f, unary, Zbb)                                                           \
    X(cpop, "cpop", 0x60201013, 0xfff0707f, unary, Zbb)                                                           \
    X(cpopw, "cpopw", 0x6020101b, 0xfff0707f, unary, Zbb)                                                         \
    X(max, "max", 0x0a006033, 0xfe00707f, reg, Zbb)                                                               \
    X(maxu, "maxu", 0x0a007033, 0xfe00707f, reg, Zbb)                                                             \
    X(min, "min", 0x0a004033, 0xfe00707f, reg, Zbb)                                                               \
    X(minu, "minu", 0x0a005033, 0xfe00707f, reg, Zbb)                                                             \
    X(sext_b, "sext.b", 0x60401013, 0xfff0707f, unary, Zbb)                                                       \
    X(sext_h, "sext.h", 0x60501013, 0xfff0707f, unary, Zbb)                                                       \
    X(zext_h, "zext.h", 0x0800403b, 0xfff0707f, unary, Zbb)                                                       \
    X(rol, "rol", 0x60001033, 0xfe00707f, reg, Zbb)                                                               \
    X(rolw, "rolw", 0x6000103b, 0xfe00707f, reg, Zbb)                                                             \
    X(ror, "ror", 0x60005033, 0xfe00707f, reg, Zbb)                                                               \
    X(rori, "rori", 0x60005013, 0xfc00707f, shift, Zbb)                                                           \
    X(roriw, "roriw", 0x6000501b, 0xfe00707f, shift_word, Zbb)                                                    \
    X(rorw, "rorw", 0x6000503b, 0xfe00707f, reg, Zbb)                                                             \
    X(orc_b, "orc.b", 0x28705013, 0xfff0707f, unary, Zbb)                                                         \
    X(rev8, "rev8", 0x6b805013, 0xfff0707f, unary, Zbb)                                                           \
    /* Zbs, single bits                                     [bitmanip 2.4] */                                     \
    X(bclr, "bclr", 0x48001033, 0xfe00707f, reg, Zbs)                                                             \
    X(bclri, "bclri", 0x48001013, 0xfc00707f, shift, Zbs)                                                         \
    X(bext, "bext", 0x48005033, 0xfe00707f, reg, Zbs)                                                             \
    X(bexti, "bexti", 0x48005013, 0xfc00707f, shift, Zbs)                                                         \
    X(binv, "binv", 0x68001033, 0xfe00707f, reg, Zbs)                                                             \
    X(binvi, "binvi", 0x68001013, 0xfc00707f, shift, Zbs)                                                         \
    X(bset, "bset", 0x28001033, 0xfe00707f, reg, Zbs)                                                             \
    X(bseti, "bseti", 0x28001013, 0xfc00707f, shift, Zbs)                                                         \
    /* A, atomics; aq and rl are free, rs2 of lr is 0       [unpriv "A"] */                                       \
    X(lr_w, "lr.w", 0x1000202f, 0xf9f0707f, load_reserved, A)                                                     \
    X(sc_w, "sc.w", 0x1800202f, 0xf800707f, atomic, A)                                                            \
    X(amoswap_w, "amoswap.w", 0x0800202f, 0xf800707f, atomic, A)                                                  \
    X(amoadd_w, "amoadd.w", 0x0000202f, 0xf800707f, atomic, A)                                                    \
    X(amoxor_w, "amoxor.w", 0x2000202f, 0xf800707f, atomic, A)                                                    \
    X(amoand_w, "amoand.w", 0x6000202f, 0xf800707f, atomic, A)                                                    \
    X(amoor_w, "amoor.w", 0x4000202f, 0xf800707f, atomic, A)                                                      \
    X(amomin_w, "amomin.w", 0x8000202f, 0xf800707f, atomic, A)                                                    \
    X(amomax_w, "amomax.w", 0xa000202f, 0xf800707f, atomic, A)                                                    \
    X(amominu_w, "amominu.w", 0xc000202f, 0xf800707f, atomic, A)                                                  \
    X(amomaxu_w, "amomaxu.w", 0xe000202f, 0xf800707f, atomic, A)                                                  \
    X(lr_d, "lr.d", 0x1000302f, 0xf9f0707f, load_reserved, A)                                                     \
    X(sc_d, "sc.d", 0x1800302f, 0xf800707f, atomic, A)                                                            \
    X(amoswap_d, "amoswap.d", 0x0800302f, 0xf800707f, atomic, A)                                                  \
    X(amoadd_d, "amoadd.d", 0x0000302f, 0xf800707f, atomic, A)                                                    \
    X(amoxor_d, "amoxor.d", 0x2000302f, 0xf800707f, atomic, A)                                                    \
    X(amoand_d, "amoand.d", 0x6000302f, 0xf800707f, atomic, A)                                                    \
    X(amoor_d, "amoor.d", 0x4000302f, 0xf800707f, atomic, A)                                                      \
    X(amomin_d, "amomin.d", 0x8000302f, 0xf800707f, atomic, A)                                                    \
    X(amomax_d, "amomax.d", 0xa000302f, 0xf800707f, atomic, A)                                                    \
    X(amominu_d, "amominu.d", 0xc000302f, 0xf800707f, atomic, A)                                                  \
    X(amomaxu_d, "amomaxu.d", 0xe000302f, 0xf800707f, atomic, A)                                                  \
    /* F, single precision                                  [unpriv "F"] */                                       \
    X(flw, "flw", 0x00002007, 0x0000707f, fp_load, F)                                                             \
    X(fsw, "fsw", 0x00002027, 0x0000707f, fp_store, F)                                                            \
    X(fmadd_s, "fmadd.s", 0x00000043, 0x0600007f, fp_fused, F)                                                    \
    X(fmsub_s, "fmsub.s", 0x00000047, 0x0600007f, fp_fused, F)                                                    \
    X(fnmsub_s, "fnmsub.s", 0x0000004b, 0x0600007f, fp_fused, F)                                                  \
    X(fnmadd_s, "fnmadd.s", 0x0000004f, 0x0600007f, fp_fused, F)                                                  \
    X(fadd_s, "fadd.s", 0x00000053, 0xfe00007f, fp_reg_rm, F)                                                     \
    X(fsub_s, "fsub.s", 0x08000053, 0xfe00007f, fp_reg_rm, F)                                                     \
    X(fmul_s, "fmul.s", 0x10000053, 0xfe00007f, fp_reg_rm, F)                                                     \
    X(fdiv_s, "fdiv.s", 0x18000053, 0xfe00007f, fp_reg_rm, F)                                                     \
    X(fsqrt_s, "fsqrt.s", 0x58000053, 0xfff0007f, fp_unary_rm, F)                                                 \
    X(fsgnj_s, "fsgnj.s", 0x20000053, 0xfe00707f, fp_reg, F)                                                      \
    X(fsgnjn_s, "fsgnjn.s", 0x20001053, 0xfe00707f, fp_reg, F)                                                    \
    X(fsgnjx_s, "fsgnjx.s", 0x20002053, 0xfe00707f, fp_reg, F)                                                    \
    X(fmin_s, "fmin.s", 0x28000053, 0xfe00707f, fp_reg, F)                                                        \
    X(fmax_s, "fmax.s", 0x28001053, 0xfe00707f, fp_reg, F)                                                        \
    X(feq_s, "feq.s", 0xa0002053, 0xfe00707f, fp_compare, F)                                                      \
    X(flt_s, "flt.s", 0xa0001053, 0xfe00707f, fp_compare, F)                                                      \
    X(fle_s, "fle.s", 0xa0000053, 0xfe00707f, fp_compare, F)                                                      \
    X(fclass_s, "fclass.s", 0xe0001053, 0xfff0707f, fp_to_int, F)                                                 \
    X(fcvt_w_s, "fcvt.w.s", 0xc0000053, 0xfff0007f, fp_to_int_rm, F)                                              \
    X(fcvt_wu_s, "fcvt.wu.s", 0xc0100053, 0xfff0007f, fp_to_int_rm, F)                                            \
    X(fcvt_l_s, "fcvt.l.s", 0xc0200053, 0xfff0007f, fp_to_int_rm, F)                                              \
    X(fcvt_lu_s, "fcvt.lu.s", 0xc0300053, 0xfff0007f, fp_to_int_rm, F)                                            \
    X(fcvt_s_w, "fcvt.s.w", 0xd0000053, 0xfff0007f, fp_from_int_rm, F)                                            \
    X(fcvt_s_wu, "fcvt.s.wu", 0xd0100053, 0xfff0007f, fp_from_int_rm, F)                                          \
    X(fcvt_s_l, "fcvt.s.l", 0xd0200053, 0xfff0007f, fp_from_int_rm, F)                                            \
    X(fcvt_s_lu, "fcvt.s.lu", 0xd0300053, 0xfff0007f, fp_from_int_rm, F)                                          \
    X(fmv_x_w, "fmv.x.w", 0xe0000053, 0xfff0707f, fp_to_int, F)                                                   \
    X(fmv_w_x, "fmv.w.x", 0xf0000053, 0xfff0707f, fp_from_int, F)                                                 \
    /* D, double precision                                  [unpriv "D"] */                                       \
    X(fld, "fld", 0x00003007, 0x0000707f, fp_load, D)                                                             \
    X(fsd, "fsd", 0x00003027, 0x0000707f, fp_store, D)                                                            \
    X(fmadd_d, "fmadd.d", 0x02000043, 0x0600007f, fp_fused, D)                                                    \
    X(fmsub_d, "fmsub.d", 0x02000047, 0x0600007f, fp_fused, D)                                                    \
    X(fnmsub_d, "fnmsub.d", 0x0200004b, 0x0600007f, fp_fused, D)                                                  \
    X(fnmadd_d, "fnmadd.d", 0x0200004f, 0x0600007f, fp_fused, D)                                                  \
    X(fadd_d, "fadd.d", 0x02000053, 0xfe00007f, fp_reg_rm, D)                                                     \
    X(fsub_d, "fsub.d", 0x0a000053, 0xfe00007f, fp_reg_rm, D)                                                     \
    X(fmul_d, "fmul.d", 0x12000053, 0xfe00007f, fp_reg_rm, D)                                                     \
    X(fdiv_d, "fdiv.d", 0x1a000053, 0xfe00007f, fp_reg_rm, D)                                                     \
    X(fsqrt_d, "fsqrt.d", 0x5a000053, 0xfff0007f, fp_unary_rm, D)                                                 \
    X(fsgnj_d, "fsgnj.d", 0x22000053, 0xfe00707f, fp_reg, D)                                                      \
    X(fsgnjn_d, "fsgnjn.d", 0x22001053, 0xfe00707f, fp_reg, D)                                                    \
    X(fsgnjx_d, "fsgnjx.d", 0x22002053, 0xfe00707f, fp_reg, D)                                                    \
    X(fmin_d, "fmin.d", 0x2a000053, 0xfe00707f, fp_reg, D)                                                        \
    X(fmax_d, "fmax.d", 0x2a001053, 0xfe00707f, fp_reg, D)                                                        \
    X(feq_d, "feq.d", 0xa2002053, 0xfe00707f, fp_compare, D)                                                      \
    X(flt_d, "flt.d", 0xa2001053, 0xfe00707f, fp_compare, D)                                                      \
    X(fle_d, "fle.d", 0xa2000053, 0xfe00707f, fp_compare, D)                                                      \
    X(fclass_d, "fclass.d", 0xe2001053, 0xfff0707f, fp_to_int, D)                                                 \
    X(fcvt_s_d, "fcvt.s.d", 0x40100053, 0xfff0007f, fp_unary_rm, D)                                               \
    X(fcvt_d_s, "fcvt.d.s", 0x42000053, 0xfff0007f, fp_unary_exact, D)                                            \
    X(fcvt_w_d, "fcvt.w.d", 0xc2000053, 0xfff0007f, fp_to_int_rm, D)                                              \
    X(fcvt_wu_d, "fcvt.wu.d", 0xc2100053, 0xfff0007f, fp_to_int_rm, D)                                            \
    X(fcvt_l_d, "fcvt.l.d", 0xc2200053, 0xfff0007f, fp_to_int_rm, D)                                              \
    X(fcvt_lu_d, "fcvt.lu.d", 0xc2300053, 0xfff0007f, fp_to_int_rm, D)                                            \
    X(fcvt_d_w, "fcvt.d.w", 0xd2000053, 0xfff0007f, fp_from_int_exact, D)                                         \
    X(fcvt_d_wu, "fcvt.d.wu", 0xd2100053, 0xfff0007f, fp_from_int_exact, D)                                       \
    X(fcvt_d_l, "fcvt.d.l", 0xd2200053, 0xfff0007f, fp_from_int_rm, D)                                            \
    X(fcvt_d_lu, "fcvt.d.lu", 0xd2300053, 0xfff0007f, fp_from_int_rm, D)                                          \
    X(fmv_x_d, "fmv.x.d", 0xe2000053, 0xfff0707f, fp_to_int, D)                                                   \
    X(fmv_d_x, "fmv.d.x", 0xf2000053, 0xfff0707f, fp_from_int, D)
// clang-format on
