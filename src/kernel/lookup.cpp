// From a pid or a pointer to the slot of a process, and from a frame to its reference count.
#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

std::size_t Kernel::proc_slot(PhysAddr p, const char* function) {
    const std::uint64_t offset = p - proc(0).address();
    if (offset % sizeof(Proc) != 0 || offset / sizeof(Proc) >= NPROC) {
        panic("kerneltrap", function, p.value, in_hex(p) + " is no element of proc[]");
    }
    return static_cast<std::size_t>(offset / sizeof(Proc));
}

std::optional<std::size_t> Kernel::find_pid(std::int32_t pid) {
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        if (proc(slot)[&Proc::state] != UNUSED && proc(slot)[&Proc::pid] == pid) return slot;
    }
    return std::nullopt;
}

RamField<std::int32_t> Kernel::references(PhysAddr pa) {
    check(pa, 1, Access::load);
    return {*this, REFERENCE_COUNTS + (pa - ram().base()) / PGSIZE * sizeof(std::int32_t)};
}

}  // namespace hartlab
