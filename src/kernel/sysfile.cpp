// System calls about files: descriptors are indices into the process's ofile[].
#include "kernel/file.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/inode.hpp"
#include "kernel/pipe.hpp"
#include "kernel/syscall.hpp"

namespace hartlab {

namespace {

constexpr std::int32_t O_WRONLY = 0x001, O_RDWR = 0x002, O_CREATE = 0x200, O_TRUNC = 0x400;

std::uint64_t failed(Kernel& kernel, std::string why) {
    kernel.fail(std::move(why));
    return MINUS_ONE;
}

/// The open file that argument `n` names; 0, with the reason noted, when it names none.
PhysAddr argfd(Kernel& kernel, int n) {
    const std::int32_t fd = argint(kernel, n);
    const PhysAddr f(fd >= 0 && fd < NOFILE ? kernel.myproc()(&Proc::ofile, static_cast<std::size_t>(fd)).get() : 0);
    if (!f) kernel.fail("descriptor " + std::to_string(fd) + " is not open");
    return f;
}

/// Gives `f` the lowest free descriptor; -1 when there is none. Takes over the caller's reference.
std::int32_t fdalloc(Kernel& kernel, PhysAddr f) {
    const RamStruct<Proc> p = kernel.myproc();
    for (std::size_t fd = 0; fd < NOFILE; ++fd) {
        if (p(&Proc::ofile, fd) != 0) continue;
        p(&Proc::ofile, fd) = f.value;
        return static_cast<std::int32_t>(fd);
    }
    return kernel.fail("all " + std::to_string(NOFILE) + " descriptors of the process are in use");
}

void drop_descriptor(Kernel& kernel, std::int32_t fd) {
    if (fd >= 0) kernel.myproc()(&Proc::ofile, static_cast<std::size_t>(fd)) = 0;
}

/// Why a file of that type cannot be opened with those flags; empty when it can.
/// Departs: xv6's files can be written. Ours are the host's, registered by path, and never change.
std::string objection(std::int16_t type, std::int32_t flags) {
    if (type == T_DEVICE) return {};
    if (flags & (O_WRONLY | O_RDWR)) return "it cannot be written";
    if (flags & O_TRUNC) return "it cannot be truncated";
    return {};
}

}  // namespace

std::optional<std::uint64_t> sys_dup(Kernel& kernel) {
    const PhysAddr f = argfd(kernel, 0);
    if (!f) return MINUS_ONE;
    const std::int32_t fd = fdalloc(kernel, f);
    if (fd < 0) return MINUS_ONE;
    filedup(kernel, f);
    return static_cast<std::uint64_t>(fd);
}

std::optional<std::uint64_t> sys_read(Kernel& kernel) {
    const PhysAddr f = argfd(kernel, 0);
    if (!f) return MINUS_ONE;
    return fileread(kernel, f, argaddr(kernel, 1), argint(kernel, 2));
}

std::optional<std::uint64_t> sys_write(Kernel& kernel) {
    const PhysAddr f = argfd(kernel, 0);
    if (!f) return MINUS_ONE;
    return filewrite(kernel, f, argaddr(kernel, 1), argint(kernel, 2));
}

std::optional<std::uint64_t> sys_close(Kernel& kernel) {
    const PhysAddr f = argfd(kernel, 0);
    if (!f) return MINUS_ONE;
    drop_descriptor(kernel, argint(kernel, 0));
    fileclose(kernel, f);
    return 0;
}

std::optional<std::uint64_t> sys_fstat(Kernel& kernel) {
    const PhysAddr f = argfd(kernel, 0);
    if (!f) return MINUS_ONE;
    return static_cast<std::uint64_t>(std::int64_t{filestat(kernel, f, argaddr(kernel, 1))});
}

std::optional<std::uint64_t> sys_open(Kernel& kernel) {
    const std::int32_t flags = argint(kernel, 1);
    const std::optional<std::string> path = argpath(kernel, 0);
    if (!path) return MINUS_ONE;

    const PhysAddr ip_address = namei(kernel, *path);
    if (!ip_address) {
        return failed(kernel,
                      "open: there is no file " + *path + (flags & O_CREATE ? ", and none can be created" : ""));
    }
    const RamStruct<Inode> ip = inode_at(kernel, ip_address, "sys_open");
    const std::string objections = objection(ip[&Inode::type], flags);
    const PhysAddr f_address = objections.empty() ? filealloc(kernel) : PhysAddr();
    const std::int32_t fd = f_address ? fdalloc(kernel, f_address) : -1;
    if (fd < 0) {
        if (f_address) fileclose(kernel, f_address);
        iput(kernel, ip_address);
        return objections.empty() ? MINUS_ONE : failed(kernel, "open: " + *path + ": " + objections);
    }

    const RamStruct<File> f = kernel.at<File>(f_address);
    f[&File::type] = ip[&Inode::type] == T_DEVICE ? FD_DEVICE : FD_INODE;
    f[&File::major] = static_cast<std::uint16_t>(ip[&Inode::major].get());
    f[&File::off] = 0;
    f[&File::ip] = ip_address.value;
    f[&File::readable] = !(flags & O_WRONLY);
    f[&File::writable] = (flags & (O_WRONLY | O_RDWR)) != 0;
    return static_cast<std::uint64_t>(fd);
}

std::optional<std::uint64_t> sys_pipe(Kernel& kernel) {
    const RamStruct<Proc> p = kernel.myproc();
    const VirtAddr fds = argaddr(kernel, 0);
    const std::optional<PipeEnds> ends = pipealloc(kernel);
    if (!ends) return MINUS_ONE;

    const std::int32_t reader = fdalloc(kernel, ends->reader);
    const std::int32_t writer = reader >= 0 ? fdalloc(kernel, ends->writer) : -1;
    bool told = false;
    if (writer >= 0) {
        const std::int32_t both[2] = {reader, writer};
        const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
        kernel.write_bytes(buffer, both, sizeof both);
        told = kernel.copyout(PhysAddr(p[&Proc::pagetable]), fds, buffer, sizeof both) >= 0;
        if (!told) kernel.fail("pipe: the descriptors cannot be written to " + in_hex(fds));
    }
    if (!told) {
        drop_descriptor(kernel, reader);
        drop_descriptor(kernel, writer);
        fileclose(kernel, ends->reader);
        fileclose(kernel, ends->writer);
        return MINUS_ONE;
    }
    return 0;
}

}  // namespace hartlab
