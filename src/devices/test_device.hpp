// The test device of QEMU's virt board (SiFive's test finisher): a write to its first register powers the board off, with
// an exit code in the upper half, or resets it.
#pragma once

#include "devices/power.hpp"
#include "memory/device.hpp"

namespace hartlab {

class TestDevice final : public Device {
public:
    static constexpr std::uint64_t BASE = 0x0010'0000;
    static constexpr std::uint64_t SIZE = 0x1000;
    static constexpr std::uint64_t FAIL = 0x3333, PASS = 0x5555, RESET = 0x7777;

    std::optional<std::uint64_t> read(std::uint64_t, unsigned size) override {
        return size == 2 || size == 4 ? std::optional<std::uint64_t>(0) : std::nullopt;
    }
    bool write(std::uint64_t offset, std::uint64_t value, unsigned size) override {
        if (size != 2 && size != 4) return false;
        if (offset != 0) return true;
        const std::uint64_t command = value & 0xffff;
        if (command == PASS || command == FAIL) power = {PowerRequest::off, value >> 16};
        if (command == RESET) power = {PowerRequest::reset, 0};
        return true;
    }

    Power power;
};

}  // namespace hartlab
