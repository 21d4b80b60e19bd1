// Register names of the calling convention, both ways.  [psABI "Register Convention"]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hartlab {

inline constexpr std::array<std::string_view, 32> X_REGISTER_NAMES = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

inline constexpr std::array<std::string_view, 32> F_REGISTER_NAMES = {
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

// The register that `name` means: its ABI name, its number after `letter` (`x10`), or, of x8, `fp`.
inline std::optional<std::uint8_t> find_register(std::string_view name, char letter) {
    const auto& names = letter == 'x' ? X_REGISTER_NAMES : F_REGISTER_NAMES;
    for (std::uint8_t i = 0; i < 32; ++i)
        if (names[i] == name) return i;
    if (letter == 'x' && name == "fp") return std::uint8_t{8};
    if (name.size() < 2 || name.size() > 3 || name[0] != letter) return std::nullopt;
    if (name.size() == 3 && name[1] == '0') return std::nullopt;
    unsigned number = 0;
    for (const char c : name.substr(1)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number > 31) return std::nullopt;
    return static_cast<std::uint8_t>(number);
}

}  // namespace hartlab
