// What a sleeping process waits for, in words: found from its channel, as a debugger would.
#include "kernel/proc.hpp"
#include "kernel/syscall.hpp"

namespace hartlab {

namespace {

/// The pipe end that `p` sleeps at, if it does: "reads from an empty pipe".
std::string waits_at_pipe(Kernel& kernel, RamStruct<Proc> p) {
    for (std::size_t i = 0; i < NFILE; ++i) {
        const RamStruct<File> f = kernel.data()(&KernelData::file, i);
        if (f[&File::ref] <= 0 || f[&File::type] != FD_PIPE) continue;
        const PhysAddr page(f[&File::pipe]);
        if (!kernel.ram().contains(page, sizeof(Pipe))) continue;
        const RamStruct<Pipe> pi = kernel.at<Pipe>(page);
        if (p[&Proc::chan] == pi.address_of(&Pipe::nread).value) return "reads from an empty pipe";
        if (p[&Proc::chan] == pi.address_of(&Pipe::nwrite).value) return "writes to a full pipe";
    }
    return {};
}

}  // namespace

std::string waits_for(Kernel& kernel, std::size_t slot) {
    const RamStruct<Proc> p = kernel.proc(slot);
    if (p[&Proc::state] != SLEEPING) return {};
    const std::uint64_t chan = p[&Proc::chan];
    const RamStruct<KernelData> data = kernel.data();
    if (chan == data.address_of(&KernelData::ticks).value) {
        return "sleeps until tick " + std::to_string(static_cast<std::uint32_t>(p[&Proc::deadline]));
    }
    if (chan == data[&KernelData::cons].address_of(&ConsoleBuffer::r).value) return "reads from the console";
    if (chan == p.address().value) return "waits for a child";
    const std::string pipe = waits_at_pipe(kernel, p);
    return pipe.empty() ? "sleeps in " + system_call_name(p[&Proc::restart]) : pipe;
}

}  // namespace hartlab
