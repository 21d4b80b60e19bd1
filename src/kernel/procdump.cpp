// procdump: the process table as text, for Ctrl-P on the console and for whoever debugs.
#include <cinttypes>
#include <cstdio>

#include "kernel/proc.hpp"

namespace hartlab {

const char* state_name(std::int32_t state) {
    constexpr const char* names[] = {"unused", "used  ", "sleep ", "runble", "run   ", "zombie"};
    return state >= UNUSED && state <= ZOMBIE ? names[state] : "???   ";
}

namespace {

/// The areas of `p`, in the order of the list. A list that leaves vm[] or does not end is shown as far as it makes sense.
std::string areas(RamStruct<Proc> p) {
    std::string text;
    std::uint64_t next = p(&Proc::vm, 0)[&Vma::next];
    for (int seen = 0; next != 0 && seen < NVMA; ++seen) {
        const std::uint64_t offset = next - p.address_of(&Proc::vm).value;
        if (offset % sizeof(Vma) != 0 || offset / sizeof(Vma) >= NVMA) return text + "start: ???\n";
        const RamStruct<Vma> area = p(&Proc::vm, offset / sizeof(Vma));
        char line[80];
        std::snprintf(line, sizeof line, "start: %" PRIu64 ", length: %" PRIu64 "\n", area[&Vma::start].get(),
                      area[&Vma::length].get());
        text += line;
        next = area[&Vma::next];
    }
    return text;
}

}  // namespace

namespace native {

/// Prints a line for each process, and under it one for each area that it holds. Takes no lock, so as to work on a kernel
/// that is wedged.
void procdump(Kernel& kernel) {
    std::string text = "\n";
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamStruct<Proc> p = kernel.proc(slot);
        if (p[&Proc::state] == UNUSED) continue;
        text += "pid: " + std::to_string(p[&Proc::pid]) + ", state: " + state_name(p[&Proc::state]) +
                ", name: " + name_of(kernel, p) + "\n" + areas(p);
    }
    kernel.console.print(text);
}

}  // namespace native

}  // namespace hartlab
