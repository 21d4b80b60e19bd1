#include "hart/isa/text/expression.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "hart/isa/text/string_literal.hpp"

namespace hartlab {
namespace {

constexpr int DEEPEST = 32;  // parentheses and signs within each other: sources are not trusted with our stack

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int digit_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

Value failure(std::string error) { return {0, std::move(error)}; }

class Parser {
public:
    Parser(std::string_view text, const Place& place) : text_(text), place_(place) {}

    Value whole() {
        Value value = sum(0);
        skip_space();
        if (value.error.empty() && at_ < text_.size())
            return failure(quote(text_) + " is not a number or label: " + quote(text_.substr(at_)) + " is left over");
        return value;
    }

private:
    Value sum(int depth) {
        Value left = term(depth);
        while (left.error.empty()) {
            skip_space();
            const char sign = peek();
            if (sign != '+' && sign != '-') break;
            ++at_;
            Value right = term(depth);
            if (!right.error.empty()) return right;
            left.value += sign == '+' ? right.value : -right.value;
            if (left.value > LIMIT || left.value < -LIMIT) return failure("the sum does not fit in 64 bits");
        }
        return left;
    }

    Value term(int depth) {
        if (depth > DEEPEST) return failure("too many parentheses or signs within each other");
        skip_space();
        const char c = peek();
        if (c == '-' || c == '+' || c == '~') {
            ++at_;
            Value value = term(depth + 1);
            if (c == '-') value.value = -value.value;
            if (c == '~') value.value = -value.value - 1;
            return value;
        }
        if (c == '(') return parenthesized(depth);
        if (c == '%') return relocation(depth);
        if (c == '\'') return character();
        if (is_digit(c)) return number();
        if (is_label_start(c)) return label();
        return failure(text_.empty() ? "an operand is missing" : quote(text_) + " is not a number or label");
    }

    Value parenthesized(int depth) {
        ++at_;
        Value value = sum(depth + 1);
        skip_space();
        if (value.error.empty() && peek() != ')') return failure("a closing parenthesis is missing in " + quote(text_));
        ++at_;
        return value;
    }

    // %hi and %lo: a 32-bit value in the two parts that lui or auipc and a 12-bit immediate add up to.
    // %hi makes up for the sign of %lo.  [asm-manual "Absolute addresses"]
    Value relocation(int depth) {
        const std::string_view name = text_.substr(at_, 4);
        if (name != "%hi(" && name != "%lo(") return failure("after % comes hi(...) or lo(...)");
        at_ += 3;
        Value value = parenthesized(depth);
        if (!value.error.empty()) return value;
        const Wide rounded = value.value + 0x800;
        if (rounded < -(Wide{1} << 31) || rounded >= Wide{1} << 31)
            return failure(wide_text(value.value) + " is out of reach of " + std::string(name) + ")");
        const auto bits = static_cast<std::uint32_t>(rounded);
        value.value = name == "%hi(" ? Wide{bits >> 12} : Wide{bits & 0xfff} - 0x800;
        return value;
    }

    Value character() {
        const std::size_t end = text_.find('\'', at_ + (peek(1) == '\\' ? 3 : 2));
        if (end == std::string_view::npos) return failure("a closing ' is missing in " + quote(text_));
        const std::optional<std::string> bytes = unescape(text_.substr(at_ + 1, end - at_ - 1));
        if (!bytes || bytes->size() != 1) return failure(quote(text_) + " is not one character");
        at_ = end + 1;
        return {static_cast<unsigned char>((*bytes)[0]), {}};
    }

    Value number() {
        const std::string_view word = take_word();
        if (!std::all_of(word.begin(), word.end() - 1, is_digit) || (word.back() != 'b' && word.back() != 'f') ||
            word.size() < 2)
            return parse_number(word);
        return numeric_label(word.substr(0, word.size() - 1), word.back() == 'f');
    }

    static Value parse_number(std::string_view word) {
        int base = 10;
        std::string_view digits = word;
        if (word.size() > 2 && word[0] == '0') {
            const char letter = static_cast<char>(word[1] | 0x20);
            base = letter == 'x' ? 16 : letter == 'b' ? 2 : letter == 'o' ? 8 : 10;
            if (base != 10) digits = word.substr(2);
        }
        if (base == 10 && word.size() > 1 && word[0] == '0' && is_digit(word[1]))
            return failure(quote(word) + " starts with 0: write 0o" + std::string(word.substr(1)) +
                           " for octal, or leave the 0 out");
        Wide value = 0;
        for (const char c : digits) {
            if (digit_value(c) >= base) return failure(quote(word) + " is not a number");
            value = value * base + digit_value(c);
            if (value >> 64 != 0) return failure(quote(word) + " does not fit in 64 bits");
        }
        return {value, {}};
    }

    Value label() {
        const std::string_view name = take_word();
        if (name == ".") return {place_.address, {}};
        if (place_.labels == nullptr) return failure(needs_number(name));
        const auto found = place_.labels->named.find(name);
        if (found == place_.labels->named.end()) return failure("there is no label " + quote(name));
        return {found->second, {}};
    }

    Value numeric_label(std::string_view number, bool forward) {
        if (place_.labels == nullptr) return failure(needs_number(number));
        const auto found = place_.labels->numeric.find(number);
        if (found != place_.labels->numeric.end()) {
            const auto& all = found->second;
            const auto below = std::partition_point(all.begin(), all.end(), [this](const Labels::Numeric& label) {
                return label.statement <= place_.statement;
            });
            if (forward && below != all.end()) return {below->address, {}};
            if (!forward && below != all.begin()) return {std::prev(below)->address, {}};
        }
        return failure("there is no label " + quote(number) + (forward ? " below" : " above"));
    }

    static std::string needs_number(std::string_view name) {
        return "a number is needed here, not the label " + quote(name) + " (for its address: la)";
    }

    std::string_view take_word() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_label_character(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }

    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void skip_space() {
        while (peek() == ' ' || peek() == '\t') ++at_;
    }

    static constexpr Wide LIMIT = Wide{1} << 65;
    std::string_view text_;
    const Place& place_;
    std::size_t at_ = 0;
};

}  // namespace

std::string quote(std::string_view text) {
    constexpr std::size_t LONGEST = 80;
    return '"' + std::string(text.substr(0, LONGEST)) + (text.size() > LONGEST ? "...\"" : "\"");
}

Value evaluate(std::string_view text, const Place& place) { return Parser(text, place).whole(); }

std::string wide_text(Wide value) {
    const bool negative = value < 0;
    std::string digits;
    for (Wide rest = negative ? -value : value; rest != 0 || digits.empty(); rest /= 10)
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    return negative ? '-' + digits : digits;
}

bool is_label_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}

bool is_label_character(char c) { return is_label_start(c) || is_digit(c); }

}  // namespace hartlab
