#include "devices/uart.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t RBR_THR = 0, IER = 1, IIR_FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7;
constexpr std::uint8_t IER_RECEIVED = 1 << 0, IER_TRANSMITTED = 1 << 1, IER_LINE = 1 << 2, IER_MODEM = 1 << 3;
constexpr std::uint8_t IIR_FIFO_ENABLED = 3 << 6;
constexpr std::uint8_t FCR_ENABLE = 1 << 0, FCR_CLEAR_RECEIVER = 1 << 1;
constexpr std::uint8_t LCR_DIVISOR = 1 << 7;
constexpr std::uint8_t MCR_LOOPBACK = 1 << 4, MCR_WRITABLE = 0x1f;
constexpr std::uint8_t LSR_READY = 1 << 0, LSR_OVERRUN = 1 << 1, LSR_TRANSMITTER_EMPTY = 3 << 5;
constexpr std::uint8_t MSR_CONNECTED = 0xb0;  // DCD, DSR and CTS

}  // namespace

Uart::Source Uart::source() const {
    if ((interrupt_enable_ & IER_LINE) && overrun_) return Source::line;
    if ((interrupt_enable_ & IER_RECEIVED) && count_ != 0) {
        return fifo_enabled_ && count_ < trigger_ ? Source::timeout : Source::received;
    }
    if ((interrupt_enable_ & IER_TRANSMITTED) && transmitted_) return Source::transmitted;
    if ((interrupt_enable_ & IER_MODEM) && modem_deltas_ != 0) return Source::modem;
    return Source::none;
}

void Uart::type(std::string_view text) {
    console.pending_input.insert(console.pending_input.end(), text.begin(), text.end());
    fill_from_host();
}

void Uart::fill_from_host() {
    while (count_ < capacity() && !console.pending_input.empty() && !(modem_control_ & MCR_LOOPBACK)) {
        receive(static_cast<std::uint8_t>(console.pending_input.front()));
        console.pending_input.pop_front();
    }
}

void Uart::receive(std::uint8_t byte) {
    if (count_ == capacity()) {
        overrun_ = true;
        return;
    }
    fifo_[(first_ + count_++) % FIFO_SIZE] = byte;
}

std::uint8_t Uart::take() {
    if (count_ == 0) return 0;
    const std::uint8_t byte = fifo_[first_];
    first_ = (first_ + 1) % FIFO_SIZE;
    --count_;
    fill_from_host();
    return byte;
}

void Uart::send(std::uint8_t byte) {
    if (modem_control_ & MCR_LOOPBACK) {
        receive(byte);
    } else {
        const char character = static_cast<char>(byte);
        console.print({&character, 1});
    }
    transmitted_ = true;
}

/// In loopback, the outputs DTR, RTS, OUT1 and OUT2 are the inputs DSR, CTS, RI and DCD.
std::uint8_t Uart::modem_status() const {
    if (!(modem_control_ & MCR_LOOPBACK)) return MSR_CONNECTED;
    const std::uint8_t m = modem_control_;
    return static_cast<std::uint8_t>((m & 1) << 5 | (m & 2) << 3 | (m & 4) << 4 | (m & 8) << 4);
}

void Uart::set_modem_control(std::uint8_t value) {
    const std::uint8_t before = modem_status();
    modem_control_ = value & MCR_WRITABLE;
    const std::uint8_t after = modem_status();
    const std::uint8_t ring_ended = before & ~after & 0x40;  // RI counts when it falls, the others when they change
    modem_deltas_ |= static_cast<std::uint8_t>((((before ^ after) & MSR_CONNECTED) | ring_ended) >> 4);
    fill_from_host();
}

std::optional<std::uint64_t> Uart::read(std::uint64_t offset, unsigned) {
    switch (offset) {
    case RBR_THR: return line_control_ & LCR_DIVISOR ? divisor_ & 0xff : take();
    case IER: return line_control_ & LCR_DIVISOR ? divisor_ >> 8 : interrupt_enable_;
    case IIR_FCR: {
        const Source source = this->source();
        if (source == Source::transmitted) transmitted_ = false;
        return static_cast<std::uint8_t>(source) | (fifo_enabled_ ? IIR_FIFO_ENABLED : 0);
    }
    case LCR: return line_control_;
    case MCR: return modem_control_;
    case LSR: {
        const int status = LSR_TRANSMITTER_EMPTY | (count_ ? LSR_READY : 0) | (overrun_ ? LSR_OVERRUN : 0);
        overrun_ = false;
        return status;
    }
    case MSR: {
        const int status = modem_status() | modem_deltas_;
        modem_deltas_ = 0;
        return status;
    }
    case SCR: return scratch_;
    default: return 0;
    }
}

bool Uart::write(std::uint64_t offset, std::uint64_t value, unsigned) {
    const auto byte = static_cast<std::uint8_t>(value);
    switch (offset) {
    case RBR_THR:
        if (line_control_ & LCR_DIVISOR)
            divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff00) | byte);
        else
            send(byte);
        break;
    case IER:
        if (line_control_ & LCR_DIVISOR) {
            divisor_ = static_cast<std::uint16_t>((divisor_ & 0xff) | byte << 8);
        } else {
            if (byte & ~interrupt_enable_ & IER_TRANSMITTED) transmitted_ = true;  // it is empty now
            interrupt_enable_ = byte & 0xf;
        }
        break;
    case IIR_FCR: {
        const bool enable = byte & FCR_ENABLE;
        if (enable != fifo_enabled_ || (byte & FCR_CLEAR_RECEIVER)) count_ = 0;
        fifo_enabled_ = enable;
        constexpr std::uint8_t triggers[] = {1, 4, 8, 14};
        trigger_ = triggers[byte >> 6];
        fill_from_host();
        break;
    }
    case LCR: line_control_ = byte; break;
    case MCR: set_modem_control(byte); break;
    case SCR: scratch_ = byte; break;
    default: break;
    }
    return true;
}

}  // namespace hartlab
