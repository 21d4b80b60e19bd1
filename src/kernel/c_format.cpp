// printf of C code in the kernel. The format and strings are the student's: whatever is in them, no more than a page of each
// is read, and a conversion that is not known is printed as it stands.
#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "kernel/c_hart.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

namespace {

/// A number in the conversion's base, padded.
std::string number(char conversion, bool is_long, std::uint64_t value, int width, bool zeros) {
    char text[48];
    const auto wide = std::min(width, 40);
    const auto small = static_cast<std::uint32_t>(value);
    if (conversion == 'd' || conversion == 'i') {
        const std::int64_t n =
            is_long ? static_cast<std::int64_t>(value) : std::int64_t{static_cast<std::int32_t>(small)};
        std::snprintf(text, sizeof text, zeros ? "%0*" PRId64 : "%*" PRId64, wide, n);
    } else if (conversion == 'u') {
        std::snprintf(text, sizeof text, zeros ? "%0*" PRIu64 : "%*" PRIu64, wide, is_long ? value : small);
    } else if (conversion == 'p') {
        std::snprintf(text, sizeof text, "0x%016" PRIx64, value);
    } else {
        std::snprintf(text, sizeof text, zeros ? "%0*" PRIx64 : "%*" PRIx64, wide, is_long ? value : small);
    }
    return text;
}

}  // namespace

std::string format_c(Kernel& kernel, PhysAddr format, std::span<const std::uint64_t> registers, PhysAddr stack) {
    const std::string pattern = kernel.read_string(format, PGSIZE);
    std::size_t used = 0;
    const auto next = [&] {
        const std::size_t i = used++;
        if (i < registers.size()) return registers[i];
        return kernel.load<std::uint64_t>(stack + (i - registers.size()) * sizeof(std::uint64_t));
    };
    std::string text;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            text += pattern[i];
            continue;
        }
        const std::size_t start = i++;
        const auto at = [&] { return i < pattern.size() ? pattern[i] : '\0'; };
        const bool zeros = at() == '0';
        int width = 0;
        for (; at() >= '0' && at() <= '9'; ++i) width = std::min(width * 10 + (at() - '0'), 40);
        bool is_long = false;
        for (; at() == 'l'; ++i) is_long = true;
        switch (at()) {
        case 'd':
        case 'i':
        case 'u':
        case 'x':
        case 'p': text += number(at(), is_long, next(), width, zeros); break;
        case 'c': text += static_cast<char>(next()); break;
        case 's': {
            const PhysAddr string(next());
            text += string ? kernel.read_string(string, PGSIZE) : "(null)";
            break;
        }
        case '%': text += '%'; break;
        default: text += pattern.substr(start, i - start + 1);
        }
    }
    return text;
}

}  // namespace hartlab
