// The platform-level interrupt controller of QEMU's virt board: 95 level-triggered sources, and a context for each hart's
// M-mode (2h) and S-mode (2h + 1). A source is pending from when its line is high until it is claimed, even if the line
// goes low; while a handler has it in service nothing is noted, and a line that is high at the end interrupts again.
// [plic 2 to 9]
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "memory/device.hpp"

namespace hartlab {

class Plic final : public Device {
public:
    static constexpr std::uint64_t BASE = 0x0c00'0000;
    static constexpr std::uint64_t SIZE = 0x0060'0000;
    static constexpr unsigned SOURCES = 96;  // number 0 is none
    static constexpr unsigned CONTEXTS = 16;
    static constexpr std::uint32_t MAX_PRIORITY = 7;

    std::optional<std::uint64_t> read(std::uint64_t offset, unsigned size) override;
    bool write(std::uint64_t offset, std::uint64_t value, unsigned size) override;

    /// Precondition: 0 < source < SOURCES.
    void set_line(unsigned source, bool high);
    /// Whether the context is to be interrupted: its line to the hart.
    bool interrupts(unsigned context) const { return best(context, threshold_[context]) != 0; }

    template <class Archive>
    void fields(Archive& archive) {
        archive(priority_, enable_, threshold_, pending_, in_service_);
    }

private:
    static constexpr unsigned WORDS = SOURCES / 32;
    using Bits = std::array<std::uint32_t, WORDS>;

    /// The pending source of highest priority that is enabled and above `threshold`, the lowest number first; 0 for none.
    unsigned best(unsigned context, std::uint32_t threshold) const;
    std::uint32_t claim(unsigned context);
    void complete(unsigned context, std::uint64_t source);

    std::array<std::uint32_t, SOURCES> priority_{};
    std::array<Bits, CONTEXTS> enable_{};
    std::array<std::uint32_t, CONTEXTS> threshold_{};
    Bits pending_{}, in_service_{};  // never both
};

}  // namespace hartlab
