// The core-local interruptor: mtime, and for each hart msip and mtimecmp, at the offsets of QEMU's virt board.
// Time is virtual; the machine moves `now` on before every access and look at the timer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "memory/device.hpp"

namespace hartlab {

class Clint final : public Device {
public:
    static constexpr std::uint64_t BASE = 0x0200'0000;
    static constexpr std::uint64_t SIZE = 0x1'0000;
    static constexpr std::size_t MAX_HARTS = 8;
    static constexpr std::uint64_t NEVER = ~std::uint64_t{0};  // mtimecmp after reset

    std::optional<std::uint64_t> read(std::uint64_t offset, unsigned size) override;
    bool write(std::uint64_t offset, std::uint64_t value, unsigned size) override;

    bool timer_pending(std::size_t hart) const { return now + mtime_offset >= mtimecmp[hart]; }
    /// Ticks until that hart's timer interrupt; 0 when it is pending.
    std::uint64_t ticks_to_timer(std::size_t hart) const {
        return timer_pending(hart) ? 0 : mtimecmp[hart] - (now + mtime_offset);
    }

    std::uint64_t now = 0;  // ticks, as the time CSR reads
    std::array<std::uint64_t, MAX_HARTS> mtimecmp = filled(NEVER);
    std::array<bool, MAX_HARTS> msip{};
    std::uint64_t mtime_offset = 0;  // mtime = now + mtime_offset: a guest may write mtime

private:
    static constexpr std::array<std::uint64_t, MAX_HARTS> filled(std::uint64_t value) {
        std::array<std::uint64_t, MAX_HARTS> a{};
        a.fill(value);
        return a;
    }
};

}  // namespace hartlab
