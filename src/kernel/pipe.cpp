// Pipes. Readers sleep on &nread, writers on &nwrite; both counters only grow, and wrap.
#include "kernel/pipe.hpp"

#include <algorithm>

#include "kernel/proc.hpp"

namespace hartlab {

namespace {

/// Bytes in the pipe. Counters that nobody could have made are taken for a full one.
std::uint32_t used(RamStruct<Pipe> pi) {
    return std::min<std::uint32_t>(pi[&Pipe::nwrite] - pi[&Pipe::nread], PIPESIZE);
}

Transfer failed(Kernel& kernel, const char* why) {
    kernel.fail(why);
    return MINUS_ONE;
}

}  // namespace

std::optional<PipeEnds> pipealloc(Kernel& kernel) {
    const PhysAddr reader = filealloc(kernel);
    const PhysAddr writer = reader ? filealloc(kernel) : PhysAddr();
    const PhysAddr page = writer ? kernel.kalloc() : PhysAddr();
    if (!page) {
        if (writer) kernel.fail("pipe: no memory for its buffer");
        if (writer) fileclose(kernel, writer);
        if (reader) fileclose(kernel, reader);
        return std::nullopt;
    }

    const RamStruct<Pipe> pi = kernel.at<Pipe>(page);
    kernel.fill(pi.address_of(&Pipe::lock), 0, sizeof(Spinlock));
    pi[&Pipe::readopen] = 1;
    pi[&Pipe::writeopen] = 1;
    pi[&Pipe::nread] = 0;
    pi[&Pipe::nwrite] = 0;
    for (const PhysAddr end : {reader, writer}) {
        const RamStruct<File> f = kernel.at<File>(end);
        f[&File::type] = FD_PIPE;
        f[&File::readable] = end == reader;
        f[&File::writable] = end == writer;
        f[&File::pipe] = page.value;
    }
    return PipeEnds{reader, writer};
}

void pipeclose(Kernel& kernel, PhysAddr pipe, bool writable) {
    const RamStruct<Pipe> pi = kernel.at<Pipe>(pipe);
    if (writable) {
        pi[&Pipe::writeopen] = 0;
        kernel.wakeup(pi.address_of(&Pipe::nread));
    } else {
        pi[&Pipe::readopen] = 0;
        kernel.wakeup(pi.address_of(&Pipe::nwrite));
    }
    if (pi[&Pipe::readopen] == 0 && pi[&Pipe::writeopen] == 0) kernel.kfree(pipe);
}

Transfer piperead(Kernel& kernel, PhysAddr pipe, VirtAddr va, std::int32_t n) {
    const RamStruct<Proc> p = kernel.myproc();
    const RamStruct<Pipe> pi = kernel.at<Pipe>(pipe);
    if (used(pi) == 0 && pi[&Pipe::writeopen] != 0) {
        if (killed(p)) return failed(kernel, "read: the process was killed");
        kernel.sleep(pi.address_of(&Pipe::nread));
        return std::nullopt;
    }

    const std::uint64_t wanted = n > 0 ? static_cast<std::uint64_t>(n) : 0;
    std::uint64_t done = 0;
    bool bad_address = false;
    while (done < wanted && used(pi) > 0) {
        const std::uint32_t start = pi[&Pipe::nread] % PIPESIZE;
        const std::uint64_t run = std::min<std::uint64_t>(used(pi), PIPESIZE - start);
        const std::uint64_t length = within_page(va + done, std::min(run, wanted - done));
        bad_address =
            kernel.copyout(PhysAddr(p[&Proc::pagetable]), va + done, pi.address_of(&Pipe::data) + start, length) < 0;
        if (bad_address) break;
        pi[&Pipe::nread] += static_cast<std::uint32_t>(length);
        done += length;
    }
    kernel.wakeup(pi.address_of(&Pipe::nwrite));
    if (bad_address && done == 0) return failed(kernel, "read: the buffer cannot be written");
    return done;
}

Transfer pipewrite(Kernel& kernel, PhysAddr pipe, VirtAddr va, std::int32_t n) {
    const RamStruct<Proc> p = kernel.myproc();
    const RamStruct<Pipe> pi = kernel.at<Pipe>(pipe);
    const std::uint64_t wanted = n > 0 ? static_cast<std::uint64_t>(n) : 0;
    std::uint64_t done = p[&Proc::done];
    while (done < wanted) {
        if (pi[&Pipe::readopen] == 0) return failed(kernel, "write: nobody has the pipe open for reading");
        if (killed(p)) return failed(kernel, "write: the process was killed");
        if (used(pi) == PIPESIZE) {
            p[&Proc::done] = done;
            kernel.wakeup(pi.address_of(&Pipe::nread));
            kernel.sleep(pi.address_of(&Pipe::nwrite));
            return std::nullopt;
        }
        const std::uint32_t start = pi[&Pipe::nwrite] % PIPESIZE;
        const std::uint64_t run = std::min<std::uint64_t>(PIPESIZE - used(pi), PIPESIZE - start);
        const std::uint64_t length = within_page(va + done, std::min(run, wanted - done));
        if (kernel.copyin(PhysAddr(p[&Proc::pagetable]), pi.address_of(&Pipe::data) + start, va + done, length) < 0)
            break;
        pi[&Pipe::nwrite] += static_cast<std::uint32_t>(length);
        done += length;
    }
    kernel.wakeup(pi.address_of(&Pipe::nread));
    return done;
}

}  // namespace hartlab
