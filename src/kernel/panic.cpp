// Panics, and the meter on the kernel's own work.
#include <cstring>

#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

namespace {

/// A string field of the panic record: cut to fit, its zero byte included.
template <std::size_t N>
std::array<char, N> cut(std::string_view text) {
    std::array<char, N> field{};
    std::memcpy(field.data(), text.data(), std::min(text.size(), N - 1));
    return field;
}

}  // namespace

std::int32_t Kernel::current_pid() {
    // Hostile data may have put anything in cpu->proc; whoever asks is about to report trouble and must not fault.
    const RamStruct<Proc> p = myproc();
    return p && ram().contains(p.address(), sizeof(Proc)) ? p[&Proc::pid].get() : 0;
}

void Kernel::freeze(std::string_view text, std::string_view function, std::uint64_t address) {
    // The first panic is the one that explains the state; calls made on a frozen kernel may panic again.
    if (panicked()) return;
    const RamStruct<PanicRecord> record = data()[&KernelData::panic];
    record[&PanicRecord::panicked] = 1;
    record[&PanicRecord::pid] = current_pid();
    record[&PanicRecord::address] = address;
    constexpr std::size_t TEXT = sizeof(PanicRecord::text), FUNCTION = sizeof(PanicRecord::function);
    ram().write(record.address_of(&PanicRecord::text), cut<TEXT>(text).data(), TEXT);
    ram().write(record.address_of(&PanicRecord::function), cut<FUNCTION>(function).data(), FUNCTION);
}

void Kernel::panic(std::string_view text, std::string_view function, std::uint64_t address, std::string_view detail) {
    freeze(text, function, address);
    const std::int32_t pid = current_pid();
    std::string message = "panic: " + std::string(text) + " (in " + std::string(function);
    if (pid != 0) message += ", pid " + std::to_string(pid);
    message += ", address " + in_hex(address) + ")";
    if (!detail.empty()) message += ": " + std::string(detail);
    throw KernelPanic(std::string(text), std::string(function), pid, address, message);
}

bool Kernel::panicked() { return data()[&KernelData::panic][&PanicRecord::panicked] != 0; }

bool Kernel::may_continue(std::uint64_t units) {
    constexpr std::uint64_t POLL_INTERVAL = 1'000;
    work_ += units;
    if (work_ >= poll_at_) {
        poll_at_ = work_ + POLL_INTERVAL;
        if (hart().stop_requested() || (interrupt_poll && interrupt_poll())) gave_up_ = true;
    }
    return !gave_up_;
}

}  // namespace hartlab
