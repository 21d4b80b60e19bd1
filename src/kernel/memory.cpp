// How the kernel's own loads and stores reach RAM: checked, so that a wild pointer in the guest's data is a fault of the
// simulated kernel and never one of the host.
#include <algorithm>
#include <cstring>

#include "kernel/c_hart.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

void Kernel::fault(PhysAddr pa, Access access) {
    panic("kerneltrap", "kernel", pa.value,
          std::string(access == Access::store ? "the kernel stored to " : "the kernel loaded from ") +
              in_hex(pa.value) + ", which is not in RAM (" + in_hex(ram().base().value) + " to " +
              in_hex(phystop().value) + ")");
}

Ram& Kernel::region(PhysAddr pa, std::uint64_t length, Access access) {
    if (!c_hart_ || !seams.busy() || !c_hart_->region().contains(pa, length)) fault(pa, access);
    const bool text = pa.value + length > SEAM_TEXT;
    if (text && access == Access::store) fault(pa, access);
    return c_hart_->region();
}

void Kernel::fill(PhysAddr pa, std::uint8_t byte, std::uint64_t length) {
    if (length == 0) return;
    memory(pa, length, Access::store).fill(pa, byte, length);
}

void Kernel::copy(PhysAddr to, PhysAddr from, std::uint64_t length) {
    if (length == 0) return;
    Ram& source = memory(from, length, Access::load);
    Ram& target = memory(to, length, Access::store);
    if (&source == &target) return target.copy(to, from, length);
    target.write(to, source.at(from), length);  // two memories never overlap
}

void Kernel::write_bytes(PhysAddr to, const void* host_bytes, std::uint64_t length) {
    if (length == 0) return;
    memory(to, length, Access::store).write(to, host_bytes, length);
}

std::vector<std::uint8_t> Kernel::read_bytes(PhysAddr from, std::uint64_t length) {
    if (length == 0) return {};
    const auto* bytes = memory(from, length, Access::load).at(from);
    return {bytes, bytes + length};
}

std::string Kernel::read_string(PhysAddr from, std::uint64_t max) {
    if (max == 0) return {};
    const Ram& memory = this->memory(from, 1, Access::load);
    const std::uint64_t room = std::min(max, memory.end() - from);
    const void* start = memory.at(from);
    const void* end = std::memchr(start, 0, room);
    if (!end && room < max) fault(memory.end(), Access::load);
    const auto* text = static_cast<const char*>(start);
    return {text, end ? static_cast<std::size_t>(static_cast<const char*>(end) - text) : room};
}

}  // namespace hartlab
