#include "hart/isa/encoder.hpp"

#include "hart/isa/fields.hpp"

namespace hartlab {

std::uint32_t encode(const Instruction& in) noexcept {
    using namespace fields;
    if (in.op == Op::illegal || in.op >= Op::count) return 0;
    const InstructionInfo& info = instruction_info(in.op);
    const std::uint32_t rd = put_rd(in.rd), rs1 = put_rs1(in.rs1), rs2 = put_rs2(in.rs2);
    std::uint32_t bits = info.match;
    if (has_rounding_mode(info.format)) bits |= put_rm(in.rm);
    switch (info.format) {
    case Format::none: return bits;
    case Format::fp_fused: return bits | rd | rs1 | rs2 | put_rs3(in.rs3);
    case Format::reg:
    case Format::fp_reg:
    case Format::fp_reg_rm:
    case Format::fp_compare: return bits | rd | rs1 | rs2;
    case Format::fence_vma: return bits | rs1 | rs2;
    case Format::unary:
    case Format::fp_unary_rm:
    case Format::fp_unary_exact:
    case Format::fp_to_int:
    case Format::fp_to_int_rm:
    case Format::fp_from_int:
    case Format::fp_from_int_rm:
    case Format::fp_from_int_exact: return bits | rd | rs1;
    case Format::immediate:
    case Format::shift:
    case Format::shift_word:
    case Format::load:
    case Format::fp_load:
    case Format::csr:
    case Format::csr_immediate: return bits | rd | rs1 | put_i(in.imm);
    case Format::fence: return bits | put_i(in.imm);
    case Format::store:
    case Format::fp_store: return bits | rs1 | rs2 | put_s(in.imm);
    case Format::branch: return bits | rs1 | rs2 | put_b(in.imm);
    case Format::upper: return bits | rd | static_cast<std::uint32_t>(imm_u(static_cast<std::uint32_t>(in.imm)));
    case Format::jump: return bits | rd | put_j(in.imm);
    case Format::load_reserved: return bits | rd | rs1 | std::uint32_t{in.rm} << 25;
    case Format::atomic: return bits | rd | rs1 | rs2 | std::uint32_t{in.rm} << 25;
    }
    return 0;
}

}  // namespace hartlab
