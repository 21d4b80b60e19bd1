// The serial port of QEMU's virt board: a 16550 with its two FIFOs. What is sent is printed at once, so the transmitter is
// always empty; what is typed waits on the host's side until there is room in the receiver.  [16550D 8.1 to 8.6]
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/console_log.hpp"
#include "memory/device.hpp"

namespace hartlab {

class Uart final : public Device {
public:
    static constexpr std::uint64_t BASE = 0x1000'0000;
    static constexpr std::uint64_t SIZE = 0x100;
    static constexpr unsigned IRQ = 10;

    std::optional<std::uint64_t> read(std::uint64_t offset, unsigned size) override;
    bool write(std::uint64_t offset, std::uint64_t value, unsigned size) override;

    /// Types `text`.
    void type(std::string_view text);
    bool interrupts() const { return source() != Source::none; }

    ConsoleLog console;

    template <class Archive>
    void fields(Archive& archive) {
        archive(console, fifo_, first_, count_, interrupt_enable_, line_control_, modem_control_, scratch_, trigger_,
                modem_deltas_, divisor_, fifo_enabled_, overrun_, transmitted_);
    }
    /// Whether it can have come about.
    bool whole() const { return console.whole() && first_ < FIFO_SIZE && count_ <= FIFO_SIZE; }

private:
    /// What interrupts, by priority, as the low bits of IIR name it.
    enum class Source : std::uint8_t { none = 1, line = 6, received = 4, timeout = 12, transmitted = 2, modem = 0 };
    static constexpr unsigned FIFO_SIZE = 16;

    Source source() const;
    unsigned capacity() const { return fifo_enabled_ ? FIFO_SIZE : 1; }
    void receive(std::uint8_t byte);
    void send(std::uint8_t byte);
    std::uint8_t take();
    void fill_from_host();
    std::uint8_t modem_status() const;
    void set_modem_control(std::uint8_t value);

    std::array<std::uint8_t, FIFO_SIZE> fifo_{};
    std::uint8_t first_ = 0, count_ = 0;  // of what is in it
    std::uint8_t interrupt_enable_ = 0, line_control_ = 0, modem_control_ = 0, scratch_ = 0;
    std::uint8_t trigger_ = 1;       // bytes in the receiver that interrupt
    std::uint8_t modem_deltas_ = 0;  // low half of the modem status register
    std::uint16_t divisor_ = 12;     // 9600 baud; time takes no notice of it
    bool fifo_enabled_ = false;
    bool overrun_ = false;
    bool transmitted_ = false;  // the interrupt that says so has not been looked at
};

}  // namespace hartlab
