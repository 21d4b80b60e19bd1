#include "hart/isa/disassembler.hpp"

#include "hart/isa/csr_names.hpp"
#include "hart/isa/text/aliases.hpp"
#include "hart/isa/text/operand.hpp"
#include "hart/isa/text/operand_text.hpp"
#include "hart/isa/text/register_names.hpp"

namespace hartlab {
namespace {

std::string memory_text(const Instruction& in) {
    return std::to_string(in.imm) + '(' + std::string(X_REGISTER_NAMES[in.rs1]) + ')';
}

// One operand. `rounding` gives an empty string when it is the one that assemble() supplies.
std::string operand_text(Operand operand, const Instruction& in, std::uint64_t pc, Format format) {
    switch (operand) {
    case Operand::rd: return std::string(X_REGISTER_NAMES[in.rd]);
    case Operand::rs1: return std::string(X_REGISTER_NAMES[in.rs1]);
    case Operand::rs2: return std::string(X_REGISTER_NAMES[in.rs2]);
    case Operand::fd: return std::string(F_REGISTER_NAMES[in.rd]);
    case Operand::fs1: return std::string(F_REGISTER_NAMES[in.rs1]);
    case Operand::fs2: return std::string(F_REGISTER_NAMES[in.rs2]);
    case Operand::fs3: return std::string(F_REGISTER_NAMES[in.rs3]);
    case Operand::sp: return "sp";
    case Operand::imm:
    case Operand::shamt: return std::to_string(in.imm);
    case Operand::imm20: return hex_text(static_cast<std::uint32_t>(in.imm) >> 12);
    case Operand::memory:
    case Operand::stack: return memory_text(in);
    case Operand::address: return '(' + std::string(X_REGISTER_NAMES[in.rs1]) + ')';
    case Operand::target: return hex_text(pc + static_cast<std::uint64_t>(std::int64_t{in.imm}));
    case Operand::csr: return csr_text(in);
    case Operand::zimm: return std::to_string(in.rs1);
    case Operand::fence: return fence_set_text(in.imm >> 4) + ", " + fence_set_text(in.imm);
    case Operand::rounding:
        return in.rm == default_rounding(format) ? std::string() : std::string(ROUNDING_NAMES[in.rm]);
    }
    return {};
}

std::string spell(std::string mnemonic, std::span<const Operand> operands, const Instruction& in, std::uint64_t pc,
                  Format format) {
    const char* separator = " ";
    for (const Operand operand : operands) {
        const std::string text = operand_text(operand, in, pc, format);
        if (text.empty()) continue;
        mnemonic += separator + text;
        separator = ", ";
    }
    return mnemonic;
}

std::string data_text(const Instruction& in) {
    return in.length == 2 ? ".half " + hex_text(in.bits, 4) : ".word " + hex_text(in.bits, 8);
}

}  // namespace

std::string disassemble(const Instruction& in, std::uint64_t pc, DisassemblyOptions options) {
    if (in.op == Op::illegal || in.op >= Op::count) return data_text(in);
    const InstructionInfo& info = instruction_info(in.op);
    if (options.compressed && in.length == 2)
        if (const CompressedInfo* row = find_compressed(static_cast<std::uint16_t>(in.bits)))
            return spell(std::string(row->mnemonic), operands_of(row->format), in, pc, info.format);
    if (options.aliases)
        if (std::string alias = alias_text(in, pc); !alias.empty()) return alias;

    std::string mnemonic(info.mnemonic);
    if (info.format == Format::atomic || info.format == Format::load_reserved) mnemonic += ORDERING_SUFFIXES[in.rm & 3];
    return spell(std::move(mnemonic), operands_of(info.format), in, pc, info.format);
}

}  // namespace hartlab
