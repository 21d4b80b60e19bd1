#include "hart/isa/text/operand.hpp"

namespace hartlab {
namespace {

using enum Operand;

template <Operand... list>
std::span<const Operand> in_order() {
    static constexpr Operand operands[] = {list...};
    return operands;
}

}  // namespace

std::span<const Operand> operands_of(Format format) {
    switch (format) {
    case Format::none: return {};
    case Format::reg: return in_order<rd, rs1, rs2>();
    case Format::immediate: return in_order<rd, rs1, imm>();
    case Format::shift:
    case Format::shift_word: return in_order<rd, rs1, shamt>();
    case Format::unary: return in_order<rd, rs1>();
    case Format::load: return in_order<rd, memory>();
    case Format::store: return in_order<rs2, memory>();
    case Format::branch: return in_order<rs1, rs2, target>();
    case Format::upper: return in_order<rd, imm20>();
    case Format::jump: return in_order<rd, target>();
    case Format::fence: return in_order<fence>();
    case Format::fence_vma: return in_order<rs1, rs2>();
    case Format::csr: return in_order<rd, csr, rs1>();
    case Format::csr_immediate: return in_order<rd, csr, zimm>();
    case Format::load_reserved: return in_order<rd, address>();
    case Format::atomic: return in_order<rd, rs2, address>();
    case Format::fp_load: return in_order<fd, memory>();
    case Format::fp_store: return in_order<fs2, memory>();
    case Format::fp_fused: return in_order<fd, fs1, fs2, fs3, rounding>();
    case Format::fp_reg: return in_order<fd, fs1, fs2>();
    case Format::fp_reg_rm: return in_order<fd, fs1, fs2, rounding>();
    case Format::fp_unary_rm:
    case Format::fp_unary_exact: return in_order<fd, fs1, rounding>();
    case Format::fp_compare: return in_order<rd, fs1, fs2>();
    case Format::fp_to_int: return in_order<rd, fs1>();
    case Format::fp_to_int_rm: return in_order<rd, fs1, rounding>();
    case Format::fp_from_int: return in_order<fd, rs1>();
    case Format::fp_from_int_rm:
    case Format::fp_from_int_exact: return in_order<fd, rs1, rounding>();
    }
    return {};
}

std::span<const Operand> operands_of(CompressedFormat format) {
    switch (format) {
    case CompressedFormat::none:
    case CompressedFormat::count: return {};
    case CompressedFormat::sp_address: return in_order<rd, sp, imm>();
    case CompressedFormat::load_word:
    case CompressedFormat::load_double: return in_order<rd, memory>();
    case CompressedFormat::fp_load_double: return in_order<fd, memory>();
    case CompressedFormat::store_word:
    case CompressedFormat::store_double: return in_order<rs2, memory>();
    case CompressedFormat::fp_store_double: return in_order<fs2, memory>();
    case CompressedFormat::immediate:
    case CompressedFormat::immediate_word:
    case CompressedFormat::load_immediate:
    case CompressedFormat::immediate_narrow: return in_order<rd, imm>();
    case CompressedFormat::sp_adjust: return in_order<sp, imm>();
    case CompressedFormat::upper: return in_order<rd, imm20>();
    case CompressedFormat::shift:
    case CompressedFormat::shift_narrow: return in_order<rd, shamt>();
    case CompressedFormat::arithmetic:
    case CompressedFormat::move:
    case CompressedFormat::add: return in_order<rd, rs2>();
    case CompressedFormat::jump: return in_order<target>();
    case CompressedFormat::branch: return in_order<rs1, target>();
    case CompressedFormat::load_word_sp:
    case CompressedFormat::load_double_sp: return in_order<rd, stack>();
    case CompressedFormat::fp_load_double_sp: return in_order<fd, stack>();
    case CompressedFormat::store_word_sp:
    case CompressedFormat::store_double_sp: return in_order<rs2, stack>();
    case CompressedFormat::fp_store_double_sp: return in_order<fs2, stack>();
    case CompressedFormat::jump_register:
    case CompressedFormat::call_register: return in_order<rs1>();
    }
    return {};
}

std::string_view operand_name(Operand operand) {
    switch (operand) {
    case rd: return "rd";
    case rs1: return "rs1";
    case rs2: return "rs2";
    case fd: return "fd";
    case fs1: return "fs1";
    case fs2: return "fs2";
    case fs3: return "fs3";
    case sp: return "sp";
    case imm: return "imm";
    case shamt: return "shamt";
    case imm20: return "imm20";
    case memory: return "imm(rs1)";
    case stack: return "imm(sp)";
    case address: return "(rs1)";
    case target: return "target";
    case csr: return "csr";
    case zimm: return "zimm";
    case fence: return "pred, succ";
    case rounding: return "[rm]";
    }
    return {};
}

}  // namespace hartlab
