#include "hart/isa/text/source.hpp"

#include "hart/isa/text/expression.hpp"

namespace hartlab {
namespace {

constexpr std::string_view BLANK = " \t\r\f\v";

std::string_view trim(std::string_view text) {
    const std::size_t start = text.find_first_not_of(BLANK);
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(BLANK) - start + 1);
}

// Follows a text character by character and knows whether the current one is between quotes.
class Quotes {
public:
    // Takes the next character; true when it is quoted, or is a quote itself.
    bool hide(char c) {
        if (quote_ == 0) {
            if (c != '"' && c != '\'') return false;
            quote_ = c;
            return true;
        }
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (c == quote_)
            quote_ = 0;
        return true;
    }
    // A quote left open ends with its line.
    void end_line() { quote_ = 0, escaped_ = false; }

private:
    char quote_ = 0;
    bool escaped_ = false;
};

// Takes `name:` off the front of `text`; empty when there is none.
std::string_view take_label(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_label_character(text[end])) ++end;
    if (end == 0) return {};
    const std::size_t colon = text.find_first_not_of(BLANK, end);
    if (colon == std::string_view::npos || text[colon] != ':') return {};
    const std::string_view label = text.substr(0, end);
    text = trim(text.substr(colon + 1));
    return label;
}

void add_statement(std::vector<Statement>& statements, std::string_view text, int line) {
    text = trim(text);
    std::vector<std::string> labels;
    for (std::string_view label = take_label(text); !label.empty(); label = take_label(text))
        labels.emplace_back(label);
    if (text.empty() && labels.empty()) return;
    statements.push_back(parse_statement(text, line));
    statements.back().labels = std::move(labels);
}

}  // namespace

Statement parse_statement(std::string_view text, int line) {
    Statement statement{line, {}, std::string(text), {}, {}};
    const std::size_t space = text.find_first_of(BLANK);
    statement.mnemonic = text.substr(0, space);
    const std::string_view rest = space == std::string_view::npos ? std::string_view{} : trim(text.substr(space));
    if (rest.empty()) return statement;
    Quotes quotes;
    int depth = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (quotes.hide(rest[i])) continue;
        if (rest[i] == '(') ++depth;
        if (rest[i] == ')') --depth;
        if (rest[i] != ',' || depth > 0) continue;
        statement.operands.emplace_back(trim(rest.substr(start, i - start)));
        start = i + 1;
    }
    statement.operands.emplace_back(trim(rest.substr(start)));
    return statement;
}

std::vector<Statement> split_source(std::string_view source) {
    std::vector<Statement> statements;
    Quotes quotes;
    bool comment = false;
    int line = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= source.size(); ++i) {
        const char c = i < source.size() ? source[i] : '\n';
        if (c == '\n') {
            if (!comment) add_statement(statements, source.substr(start, i - start), line);
            quotes.end_line();
            comment = false;
            ++line;
            start = i + 1;
            continue;
        }
        if (comment || quotes.hide(c)) continue;
        const bool slashes = c == '/' && i + 1 < source.size() && source[i + 1] == '/';
        if (c != ';' && c != '#' && !slashes) continue;
        add_statement(statements, source.substr(start, i - start), line);
        start = i + 1;
        comment = c != ';';
    }
    return statements;
}

}  // namespace hartlab
