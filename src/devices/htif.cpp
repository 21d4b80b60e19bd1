#include "devices/htif.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t DEVICE_SYSTEM_CALL = 0, DEVICE_CONSOLE = 1;
constexpr std::uint64_t CONSOLE_READ = 0, CONSOLE_WRITE = 1;
constexpr std::uint64_t SYS_WRITE = 64, SYS_EXIT = 93;
constexpr std::uint64_t NO_SUCH_CALL = 38;

}  // namespace

bool Htif::write(std::uint64_t offset, std::uint64_t, unsigned size) {
    // A 64-bit command in two halves is complete with the upper one.
    const std::uint64_t command = ram_->load<std::uint64_t>(PhysAddr(state.tohost));
    if (offset + size == 8 || (size == 4 && (command >> 32) == 0)) this->command(command);
    return true;
}

void Htif::command(std::uint64_t command) {
    if (command == 0) return;
    const std::uint64_t device = bits(command, 63, 56), number = bits(command, 55, 48), payload = bits(command, 47, 0);
    if (device == DEVICE_SYSTEM_CALL && number == 0) {
        if (payload & 1) {
            state.power = {PowerRequest::off, payload >> 1};
            return;
        }
        answer(command, system_call(PhysAddr(payload)));
    } else if (device == DEVICE_CONSOLE && number == CONSOLE_WRITE) {
        const char character = static_cast<char>(payload);
        console_->print({&character, 1});
        answer(command, 0);
    } else if (device == DEVICE_CONSOLE && number == CONSOLE_READ) {
        std::uint64_t character = 0;  // 0x100 + the byte, or 0 when nothing has been typed
        if (!console_->pending_input.empty()) {
            character = 0x100 | static_cast<std::uint8_t>(console_->pending_input.front());
            console_->pending_input.pop_front();
        }
        answer(command, character);
    }
}

void Htif::answer(std::uint64_t command, std::uint64_t payload) {
    ram_->store<std::uint64_t>(PhysAddr(state.tohost), 0);
    const std::uint64_t value = replace_bits(command, mask(47, 0), payload);
    if (state.fromhost) ram_->store<std::uint64_t>(PhysAddr(state.fromhost), value);
}

/// Performs the call whose number and arguments are eight doublewords at `block`, and puts its result in their first.
std::uint64_t Htif::system_call(PhysAddr block) {
    if (!ram_->contains(block, 64)) return 1;
    const auto word = [&](std::uint64_t i) { return ram_->load<std::uint64_t>(block + 8 * i); };
    std::uint64_t result = 0 - NO_SUCH_CALL;
    if (word(0) == SYS_EXIT) {
        state.power = {PowerRequest::off, word(1)};
        result = 0;
    } else if (word(0) == SYS_WRITE && ram_->contains(PhysAddr(word(2)), word(3))) {
        console_->print({reinterpret_cast<const char*>(ram_->at(PhysAddr(word(2)))), word(3)});
        result = word(3);
    }
    ram_->store<std::uint64_t>(block, result);
    return 1;
}

}  // namespace hartlab
