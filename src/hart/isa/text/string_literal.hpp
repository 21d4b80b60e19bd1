// What is between quotes in assembly.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hartlab {

// The bytes that `text`, without its quotes, stands for: \n \t \r \0 \\ \" \' \xHH. Nothing for another escape.
inline std::optional<std::string> unescape(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        switch (text[i]) {
        case 'n': bytes += '\n'; break;
        case 't': bytes += '\t'; break;
        case 'r': bytes += '\r'; break;
        case '0': bytes += '\0'; break;
        case '\\':
        case '"':
        case '\'': bytes += text[i]; break;
        case 'x': {
            const auto hex = [](char c) {
                const char lower = static_cast<char>(c | 0x20);
                if (c >= '0' && c <= '9') return c - '0';
                return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
            };
            if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
            bytes += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
            break;
        }
        default: return std::nullopt;
        }
    }
    return bytes;
}

}  // namespace hartlab
