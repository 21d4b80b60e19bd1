#include "hart/isa/text/directives.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "hart/isa/text/string_literal.hpp"

namespace hartlab {
namespace {

enum class Kind : std::uint8_t { integers, text, text_with_zero, zeroes, align_power, align_bytes, nothing };

struct Directive {
    std::string_view name;
    Kind kind;
    unsigned width;  // bytes of an integer
};

constexpr Directive DIRECTIVES[] = {
    {".byte", Kind::integers, 1},         {".half", Kind::integers, 2},      {".word", Kind::integers, 4},
    {".dword", Kind::integers, 8},        {".2byte", Kind::integers, 2},     {".4byte", Kind::integers, 4},
    {".8byte", Kind::integers, 8},        {".ascii", Kind::text, 0},         {".asciz", Kind::text_with_zero, 0},
    {".string", Kind::text_with_zero, 0}, {".zero", Kind::zeroes, 0},        {".space", Kind::zeroes, 0},
    {".align", Kind::align_power, 0},     {".balign", Kind::align_bytes, 0}, {".globl", Kind::nothing, 0},
    {".global", Kind::nothing, 0},        {".text", Kind::nothing, 0},
};

const Directive* find_directive(std::string_view name) {
    const auto row = std::find_if(std::begin(DIRECTIVES), std::end(DIRECTIVES),
                                  [name](const Directive& directive) { return directive.name == name; });
    return row == std::end(DIRECTIVES) ? nullptr : row;
}

std::optional<std::string> quoted_bytes(std::string_view operand) {
    if (operand.size() < 2 || operand.front() != '"' || operand.back() != '"') return std::nullopt;
    return unescape(operand.substr(1, operand.size() - 2));
}

std::string measure_text(const Statement& statement, bool zero, std::uint64_t& size) {
    for (const std::string& operand : statement.operands) {
        const auto bytes = quoted_bytes(operand);
        if (!bytes)
            return quote(operand) + " is not text between double quotes with escapes \\n \\t \\r \\0 \\\\ \\\" \\xHH";
        size += bytes->size() + (zero ? 1 : 0);
    }
    return {};
}

// The one operand of .zero and .align, from 0 to `most`.
std::string read_count(const Statement& statement, const Place& place, std::uint64_t most, std::uint64_t& count) {
    if (statement.operands.size() != 1) return quote(statement.mnemonic) + " takes one number";
    const Value number = evaluate(statement.operands[0], Place{nullptr, place.statement, place.address});
    if (!number.error.empty()) return number.error;
    if (number.value < 0 || number.value > Wide{most})
        return wide_text(number.value) + " is not in 0 to " + std::to_string(most);
    count = static_cast<std::uint64_t>(number.value);
    return {};
}

std::uint64_t distance_to_multiple(std::uint64_t address, std::uint64_t alignment) {
    return (alignment - address % alignment) % alignment;
}

void emit_little_endian(std::vector<std::uint8_t>& bytes, std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// Bytes that can be run through: zeroes up to an even address, then a c.nop if that helps, then nops.
void emit_padding(std::vector<std::uint8_t>& bytes, std::uint64_t size) {
    if (size % 2 != 0) emit_little_endian(bytes, 0, 1);
    if (size % 4 >= 2) emit_little_endian(bytes, 0x0001, 2);
    for (std::uint64_t i = 0; i < size / 4; ++i) emit_little_endian(bytes, 0x0000'0013, 4);
}

}  // namespace

bool is_directive(std::string_view mnemonic) { return find_directive(mnemonic) != nullptr; }

std::string measure_directive(const Statement& statement, const Place& place, std::uint64_t& size) {
    const Directive& directive = *find_directive(statement.mnemonic);
    size = 0;
    std::uint64_t count = 0;
    switch (directive.kind) {
    case Kind::nothing: return {};
    case Kind::integers:
        size = statement.operands.size() * directive.width;
        return size == 0 ? quote(directive.name) + " takes numbers or labels" : "";
    case Kind::text:
    case Kind::text_with_zero:
        if (statement.operands.empty()) return quote(directive.name) + " takes text between double quotes";
        return measure_text(statement, directive.kind == Kind::text_with_zero, size);
    case Kind::zeroes: return read_count(statement, place, ASSEMBLY_LIMIT, size);
    case Kind::align_power: {
        std::string error = read_count(statement, place, 20, count);
        size = distance_to_multiple(place.address, std::uint64_t{1} << count);
        return error;
    }
    case Kind::align_bytes: {
        std::string error = read_count(statement, place, 1 << 20, count);
        if (error.empty() && !std::has_single_bit(count)) return std::to_string(count) + " is not a power of two";
        size = error.empty() ? distance_to_multiple(place.address, count) : 0;
        return error;
    }
    }
    return {};
}

std::string emit_directive(const Statement& statement, const Place& place, std::vector<std::uint8_t>& bytes) {
    const Directive& directive = *find_directive(statement.mnemonic);
    std::uint64_t size = 0;
    if (std::string error = measure_directive(statement, place, size); !error.empty()) return error;
    switch (directive.kind) {
    case Kind::nothing: break;
    case Kind::integers:
        for (const std::string& operand : statement.operands) {
            const Value number = evaluate(operand, place);
            if (!number.error.empty()) return number.error;
            const Wide limit = Wide{1} << (8 * directive.width);
            if (number.value < -limit / 2 || number.value >= limit)
                return wide_text(number.value) + " does not fit in " + std::to_string(8 * directive.width) + " bits";
            emit_little_endian(bytes, static_cast<std::uint64_t>(number.value), directive.width);
        }
        break;
    case Kind::text:
    case Kind::text_with_zero:
        for (const std::string& operand : statement.operands) {
            const std::string text = *quoted_bytes(operand);
            bytes.insert(bytes.end(), text.begin(), text.end());
            if (directive.kind == Kind::text_with_zero) bytes.push_back(0);
        }
        break;
    case Kind::zeroes: bytes.resize(bytes.size() + size); break;
    case Kind::align_power:
    case Kind::align_bytes: emit_padding(bytes, size); break;
    }
    return {};
}

}  // namespace hartlab
