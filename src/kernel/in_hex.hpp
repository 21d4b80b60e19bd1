// Numbers as the kernel's messages show them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "base/address.hpp"

namespace hartlab {

inline std::string in_hex(std::uint64_t value) {
    char digits[18] = {'0', 'x'};
    return {digits, std::to_chars(digits + 2, digits + sizeof digits, value, 16).ptr};
}
template <class Tag>
std::string in_hex(Address<Tag> address) {
    return in_hex(address.value);
}

}  // namespace hartlab
