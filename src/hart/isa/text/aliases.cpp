#include "hart/isa/text/aliases.hpp"

#include <initializer_list>

#include "hart/isa/text/operand_text.hpp"
#include "hart/isa/text/register_names.hpp"

namespace hartlab {
namespace {

using Text = std::string_view;

std::string statement(Text mnemonic, std::initializer_list<Text> operands = {}) {
    std::string text(mnemonic);
    Text separator = " ";
    for (const Text operand : operands) {
        text += separator;
        text += operand;
        separator = ", ";
    }
    return text;
}

Text x(std::uint8_t n) { return X_REGISTER_NAMES[n]; }
Text f(std::uint8_t n) { return F_REGISTER_NAMES[n]; }

constexpr std::uint8_t ZERO = 0, RA = 1;

std::string arithmetic_alias(const Instruction& in) {
    switch (in.op) {
    case Op::addi:
        if (in.rd == 0 && in.rs1 == 0 && in.imm == 0) return "nop";
        if (in.rs1 == ZERO) return statement("li", {x(in.rd), std::to_string(in.imm)});
        if (in.imm == 0) return statement("mv", {x(in.rd), x(in.rs1)});
        break;
    case Op::add:  // c.mv alone: spelled with 32 bits, the same move is an addi
        if (in.length == 2 && in.rs1 == ZERO) return statement("mv", {x(in.rd), x(in.rs2)});
        break;
    case Op::addiw:
        if (in.imm == 0) return statement("sext.w", {x(in.rd), x(in.rs1)});
        break;
    case Op::andi:
        if (in.imm == 255) return statement("zext.b", {x(in.rd), x(in.rs1)});
        break;
    case Op::xori:
        if (in.imm == -1) return statement("not", {x(in.rd), x(in.rs1)});
        break;
    case Op::sub:
        if (in.rs1 == ZERO) return statement("neg", {x(in.rd), x(in.rs2)});
        break;
    case Op::subw:
        if (in.rs1 == ZERO) return statement("negw", {x(in.rd), x(in.rs2)});
        break;
    case Op::sltiu:
        if (in.imm == 1) return statement("seqz", {x(in.rd), x(in.rs1)});
        break;
    case Op::sltu:
        if (in.rs1 == ZERO) return statement("snez", {x(in.rd), x(in.rs2)});
        break;
    case Op::slt:
        if (in.rs2 == ZERO) return statement("sltz", {x(in.rd), x(in.rs1)});
        if (in.rs1 == ZERO) return statement("sgtz", {x(in.rd), x(in.rs2)});
        break;
    default: break;
    }
    return {};
}

std::string control_alias(const Instruction& in, std::uint64_t pc) {
    const std::string target = hex_text(pc + static_cast<std::uint64_t>(std::int64_t{in.imm}));
    const bool left = in.rs2 == ZERO, right = in.rs1 == ZERO;  // compared with zero: which side is the register?
    switch (in.op) {
    case Op::jal:
        if (in.rd == ZERO) return statement("j", {target});
        if (in.rd == RA) return statement("jal", {target});
        break;
    case Op::jalr:
        if (in.imm != 0) break;
        if (in.rd == ZERO && in.rs1 == RA) return "ret";
        if (in.rd == ZERO) return statement("jr", {x(in.rs1)});
        if (in.rd == RA) return statement("jalr", {x(in.rs1)});
        break;
    case Op::beq:
        if (left) return statement("beqz", {x(in.rs1), target});
        break;
    case Op::bne:
        if (left) return statement("bnez", {x(in.rs1), target});
        break;
    case Op::bge:
        if (left) return statement("bgez", {x(in.rs1), target});
        if (right) return statement("blez", {x(in.rs2), target});
        break;
    case Op::blt:
        if (left) return statement("bltz", {x(in.rs1), target});
        if (right) return statement("bgtz", {x(in.rs2), target});
        break;
    default: break;
    }
    return {};
}

std::string csr_alias(const Instruction& in) {
    const std::string csr = csr_text(in), zimm = std::to_string(in.rs1);
    switch (in.op) {
    case Op::csrrs:
        if (in.rs1 == ZERO) {
            if (csr == "cycle") return statement("rdcycle", {x(in.rd)});
            if (csr == "time") return statement("rdtime", {x(in.rd)});
            if (csr == "instret") return statement("rdinstret", {x(in.rd)});
            if (csr == "fcsr") return statement("frcsr", {x(in.rd)});
            if (csr == "frm") return statement("frrm", {x(in.rd)});
            if (csr == "fflags") return statement("frflags", {x(in.rd)});
            return statement("csrr", {x(in.rd), csr});
        }
        if (in.rd == ZERO) return statement("csrs", {csr, x(in.rs1)});
        break;
    case Op::csrrw:
        if (in.rd != ZERO) break;
        if (csr == "fcsr") return statement("fscsr", {x(in.rs1)});
        if (csr == "frm") return statement("fsrm", {x(in.rs1)});
        if (csr == "fflags") return statement("fsflags", {x(in.rs1)});
        return statement("csrw", {csr, x(in.rs1)});
    case Op::csrrc:
        if (in.rd == ZERO) return statement("csrc", {csr, x(in.rs1)});
        break;
    case Op::csrrwi:
        if (in.rd == ZERO) return statement("csrwi", {csr, zimm});
        break;
    case Op::csrrsi:
        if (in.rd == ZERO) return statement("csrsi", {csr, zimm});
        break;
    case Op::csrrci:
        if (in.rd == ZERO) return statement("csrci", {csr, zimm});
        break;
    default: break;
    }
    return {};
}

// fsgnj and its kin with one source twice.  [unpriv "Single-Precision Floating-Point Conversion and Move"]
std::string float_alias(const Instruction& in) {
    if (in.rs1 != in.rs2) return {};
    switch (in.op) {
    case Op::fsgnj_s: return statement("fmv.s", {f(in.rd), f(in.rs1)});
    case Op::fsgnjn_s: return statement("fneg.s", {f(in.rd), f(in.rs1)});
    case Op::fsgnjx_s: return statement("fabs.s", {f(in.rd), f(in.rs1)});
    case Op::fsgnj_d: return statement("fmv.d", {f(in.rd), f(in.rs1)});
    case Op::fsgnjn_d: return statement("fneg.d", {f(in.rd), f(in.rs1)});
    case Op::fsgnjx_d: return statement("fabs.d", {f(in.rd), f(in.rs1)});
    default: return {};
    }
}

std::string fence_alias(const Instruction& in) {
    if (in.op == Op::sfence_vma && in.rs2 == ZERO)
        return in.rs1 == ZERO ? statement("sfence.vma") : statement("sfence.vma", {x(in.rs1)});
    if (in.op != Op::fence) return {};
    switch (in.imm) {
    case 0x0ff: return "fence";
    case 0x833: return "fence.tso";
    case 0x010: return "pause";
    default: return {};
    }
}

}  // namespace

std::string alias_text(const Instruction& in, std::uint64_t pc) {
    switch (instruction_info(in.op).format) {
    case Format::branch:
    case Format::jump:
    case Format::load: return control_alias(in, pc);
    case Format::csr:
    case Format::csr_immediate: return csr_alias(in);
    case Format::fp_reg: return float_alias(in);
    case Format::fence:
    case Format::fence_vma: return fence_alias(in);
    default: return arithmetic_alias(in);
    }
}

}  // namespace hartlab
