#include "hart/isa/text/pseudo.hpp"

#include <algorithm>

#include "hart/isa/text/operand_text.hpp"

namespace hartlab {
namespace {

// clang-format off: a table.
constexpr Pseudo PSEUDO[] = {
    {"nop",        0, "addi zero, zero, 0"},
    {"mv",         2, "addi %0, %1, 0"},
    {"not",        2, "xori %0, %1, -1"},
    {"neg",        2, "sub %0, zero, %1"},
    {"negw",       2, "subw %0, zero, %1"},
    {"sext.w",     2, "addiw %0, %1, 0"},
    {"zext.b",     2, "andi %0, %1, 255"},
    {"seqz",       2, "sltiu %0, %1, 1"},
    {"snez",       2, "sltu %0, zero, %1"},
    {"sltz",       2, "slt %0, %1, zero"},
    {"sgtz",       2, "slt %0, zero, %1"},
    {"sgt",        3, "slt %0, %2, %1"},
    {"sgtu",       3, "sltu %0, %2, %1"},

    {"beqz",       2, "beq %0, zero, %1"},
    {"bnez",       2, "bne %0, zero, %1"},
    {"blez",       2, "bge zero, %0, %1"},
    {"bgez",       2, "bge %0, zero, %1"},
    {"bltz",       2, "blt %0, zero, %1"},
    {"bgtz",       2, "blt zero, %0, %1"},
    {"bgt",        3, "blt %1, %0, %2"},
    {"ble",        3, "bge %1, %0, %2"},
    {"bgtu",       3, "bltu %1, %0, %2"},
    {"bleu",       3, "bgeu %1, %0, %2"},

    {"j",          1, "jal zero, %0"},
    {"jal",        1, "jal ra, %0"},
    {"jr",         1, "jalr zero, %0"},
    {"jalr",       1, "jalr ra, %0"},
    {"jalr",       3, "jalr %0, %2(%1)"},
    {"ret",        0, "jalr zero, 0(ra)"},
    {"call",       1, "auipc ra, %hi(%0 - %pc); jalr ra, %lo(%0 - %pc)(ra)"},
    {"tail",       1, "auipc t1, %hi(%0 - %pc); jalr zero, %lo(%0 - %pc)(t1)"},
    {"la",         2, "auipc %0, %hi(%1 - %pc); addi %0, %0, %lo(%1 - %pc)"},

    {"csrr",       2, "csrrs %0, %1, zero"},
    {"csrw",       2, "csrrw zero, %0, %1"},
    {"csrs",       2, "csrrs zero, %0, %1"},
    {"csrc",       2, "csrrc zero, %0, %1"},
    {"csrwi",      2, "csrrwi zero, %0, %1"},
    {"csrsi",      2, "csrrsi zero, %0, %1"},
    {"csrci",      2, "csrrci zero, %0, %1"},
    {"rdcycle",    1, "csrrs %0, cycle, zero"},
    {"rdtime",     1, "csrrs %0, time, zero"},
    {"rdinstret",  1, "csrrs %0, instret, zero"},
    {"unimp",      0, "csrrw zero, cycle, zero"},

    {"frcsr",      1, "csrrs %0, fcsr, zero"},
    {"fscsr",      1, "csrrw zero, fcsr, %0"},
    {"fscsr",      2, "csrrw %0, fcsr, %1"},
    {"frrm",       1, "csrrs %0, frm, zero"},
    {"fsrm",       1, "csrrw zero, frm, %0"},
    {"fsrm",       2, "csrrw %0, frm, %1"},
    {"fsrmi",      1, "csrrwi zero, frm, %0"},
    {"fsrmi",      2, "csrrwi %0, frm, %1"},
    {"frflags",    1, "csrrs %0, fflags, zero"},
    {"fsflags",    1, "csrrw zero, fflags, %0"},
    {"fsflags",    2, "csrrw %0, fflags, %1"},
    {"fsflagsi",   1, "csrrwi zero, fflags, %0"},
    {"fsflagsi",   2, "csrrwi %0, fflags, %1"},

    {"fmv.s",      2, "fsgnj.s %0, %1, %1"},
    {"fneg.s",     2, "fsgnjn.s %0, %1, %1"},
    {"fabs.s",     2, "fsgnjx.s %0, %1, %1"},
    {"fgt.s",      3, "flt.s %0, %2, %1"},
    {"fge.s",      3, "fle.s %0, %2, %1"},
    {"fmv.d",      2, "fsgnj.d %0, %1, %1"},
    {"fneg.d",     2, "fsgnjn.d %0, %1, %1"},
    {"fabs.d",     2, "fsgnjx.d %0, %1, %1"},
    {"fgt.d",      3, "flt.d %0, %2, %1"},
    {"fge.d",      3, "fle.d %0, %2, %1"},
    {"fmv.x.s",    2, "fmv.x.w %0, %1"},
    {"fmv.s.x",    2, "fmv.w.x %0, %1"},

    {"fence",      0, "fence iorw, iorw"},
    {"fence.tso",  0, ".word 0x8330000f"},
    {"pause",      0, "fence w, 0"},
    {"sfence.vma", 0, "sfence.vma zero, zero"},
    {"sfence.vma", 1, "sfence.vma %0, zero"},
};
// clang-format on

std::string fill_in(std::string_view expansion, const Statement& statement, std::uint64_t pc) {
    std::string text;
    for (std::size_t i = 0; i < expansion.size(); ++i) {
        const char next = i + 1 < expansion.size() ? expansion[i + 1] : '\0';
        if (expansion[i] == '%' && next >= '0' && next <= '2') {
            text += statement.operands[static_cast<std::size_t>(next - '0')];
            i += 1;
        } else if (expansion.substr(i, 3) == "%pc") {
            text += hex_text(pc);
            i += 2;
        } else {
            text += expansion[i];
        }
    }
    return text;
}

// Real statements that keep the line and the text that the programmer wrote.
void add(Expansion& expansion, std::string_view text, const Statement& written) {
    Statement real = parse_statement(text, written.line);
    real.text = written.text;
    expansion.statements.push_back(std::move(real));
}

Expansion expand_li(const Statement& statement, const Place& place) {
    Expansion expansion;
    if (statement.operands.size() != 2) {
        expansion.error = "\"li\" takes rd, number";
        return expansion;
    }
    const Value number = evaluate(statement.operands[1], Place{nullptr, place.statement, place.address});
    expansion.error = number.error;
    if (number.error.empty() && (number.value < -(Wide{1} << 63) || number.value >= Wide{1} << 64))
        expansion.error = wide_text(number.value) + " does not fit in 64 bits";
    if (!expansion.error.empty()) return expansion;
    for (const std::string& text : load_immediate(statement.operands[0], static_cast<std::int64_t>(number.value)))
        add(expansion, text, statement);
    return expansion;
}

}  // namespace

std::span<const Pseudo> pseudo_instructions() { return PSEUDO; }

std::vector<std::string> load_immediate(std::string_view name, std::int64_t value) {
    const std::string rd(name);
    // The low 12 bits, signed as addi reads them; what is left is a multiple of 4096.
    const std::int64_t low = ((value & 0xfff) ^ 0x800) - 0x800;
    if (value >= -0x800 && value < 0x800) return {"addi " + rd + ", zero, " + std::to_string(value)};
    if (value == static_cast<std::int32_t>(value)) {
        const auto high = static_cast<std::uint32_t>(value - low) >> 12;
        std::vector<std::string> code = {"lui " + rd + ", " + hex_text(high)};
        // addiw and not addi: it wraps to 32 bits where the sum passes 0x7fff'ffff.
        if (low != 0) code.push_back("addiw " + rd + ", " + rd + ", " + std::to_string(low));
        return code;
    }
    // Unsigned, because value - low may wrap; the bits that the shift below brings back are the right ones.
    auto high = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(low)) >> 12;
    int shift = 12;
    for (; (high & 1) == 0; ++shift) high >>= 1;
    std::vector<std::string> code = load_immediate(rd, high);
    code.push_back("slli " + rd + ", " + rd + ", " + std::to_string(shift));
    if (low != 0) code.push_back("addi " + rd + ", " + rd + ", " + std::to_string(low));
    return code;
}

std::optional<Expansion> expand_pseudo(const Statement& statement, const Place& place) {
    if (statement.mnemonic == "li") return expand_li(statement, place);
    const auto row = std::find_if(std::begin(PSEUDO), std::end(PSEUDO), [&statement](const Pseudo& pseudo) {
        return pseudo.mnemonic == statement.mnemonic && pseudo.operands == statement.operands.size();
    });
    if (row == std::end(PSEUDO)) return std::nullopt;
    Expansion expansion;
    std::string_view rest = row->expansion;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        add(expansion, fill_in(rest.substr(0, end), statement, place.address), statement);
        rest.remove_prefix(std::min(rest.size(), end + 2));  // a semicolon and a space
    }
    return expansion;
}

}  // namespace hartlab
