// How the kernel's own loads and stores reach RAM: checked, so that a wild pointer in the guest's data is a fault of the
// simulated kernel and never one of the host.
#include <algorithm>
#include <cstring>

#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

void Kernel::fault(PhysAddr pa, Access access) {
    panic("kerneltrap", "kernel", pa.value,
          std::string(access == Access::store ? "the kernel stored to " : "the kernel loaded from ") +
              in_hex(pa.value) + ", which is not in RAM (" + in_hex(ram().base().value) + " to " +
              in_hex(phystop().value) + ")");
}

void Kernel::fill(PhysAddr pa, std::uint8_t byte, std::uint64_t length) {
    if (length == 0) return;
    check(pa, length, Access::store);
    ram().fill(pa, byte, length);
}

void Kernel::copy(PhysAddr to, PhysAddr from, std::uint64_t length) {
    if (length == 0) return;
    check(from, length, Access::load);
    check(to, length, Access::store);
    ram().copy(to, from, length);
}

void Kernel::write_bytes(PhysAddr to, const void* host_bytes, std::uint64_t length) {
    if (length == 0) return;
    check(to, length, Access::store);
    ram().write(to, host_bytes, length);
}

std::vector<std::uint8_t> Kernel::read_bytes(PhysAddr from, std::uint64_t length) {
    if (length == 0) return {};
    check(from, length, Access::load);
    return {ram().at(from), ram().at(from) + length};
}

std::string Kernel::read_string(PhysAddr from, std::uint64_t max) {
    if (max == 0) return {};
    check(from, 1, Access::load);
    const std::uint64_t room = std::min(max, phystop() - from);
    const void* start = ram().at(from);
    const void* end = std::memchr(start, 0, room);
    if (!end && room < max) fault(phystop(), Access::load);
    const auto* text = static_cast<const char*>(start);
    return {text, end ? static_cast<std::size_t>(static_cast<const char*>(end) - text) : room};
}

}  // namespace hartlab
