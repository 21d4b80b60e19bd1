// Open files. Pointers to them come from simulated RAM, so each is checked before it is followed.
#include "kernel/file.hpp"

#include <algorithm>

#include "kernel/console.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/inode.hpp"
#include "kernel/pipe.hpp"

namespace hartlab {

namespace {

/// struct stat, as user programs know it.
struct Stat {
    std::int32_t dev;
    std::uint32_t ino;
    std::int16_t type;
    std::int16_t nlink;
    std::uint64_t size;
};
static_assert(sizeof(Stat) == 24);

RamStruct<File> file_at(Kernel& kernel, PhysAddr f, const char* function) {
    const std::uint64_t offset = f - kernel.data()(&KernelData::file, 0).address();
    if (offset % sizeof(File) != 0 || offset / sizeof(File) >= NFILE) {
        kernel.panic("kerneltrap", function, f.value, in_hex(f) + " is no element of the file table");
    }
    return kernel.at<File>(f);
}

/// From a file's bytes to the user, by way of the kernel's buffer; moves the file's offset.
Transfer read_inode(Kernel& kernel, RamStruct<File> f, VirtAddr va, std::uint32_t n) {
    const RamStruct<Proc> p = kernel.myproc();
    const PhysAddr pagetable(p[&Proc::pagetable]);
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    std::uint64_t done = p[&Proc::done];
    while (done < n) {
        if (!kernel.may_continue()) {
            p[&Proc::done] = done;
            return std::nullopt;
        }
        const std::uint64_t length =
            readi(kernel, PhysAddr(f[&File::ip]), buffer, f[&File::off] + done, within_page(va + done, n - done));
        if (length == 0) break;
        if (kernel.copyout(pagetable, va + done, buffer, length) < 0) {
            kernel.fail("read: " + in_hex(va + done) + " cannot be written");
            return MINUS_ONE;
        }
        done += length;
    }
    f[&File::off] += static_cast<std::uint32_t>(done);
    return done;
}

}  // namespace

PhysAddr filealloc(Kernel& kernel) {
    const RamStruct<KernelData> data = kernel.data();
    kernel.acquire(data.address_of(&KernelData::ftable_lock));
    PhysAddr found;
    for (std::size_t i = 0; i < NFILE && !found; ++i) {
        const RamStruct<File> f = data(&KernelData::file, i);
        if (f[&File::ref] != 0) continue;
        kernel.fill(f.address(), 0, sizeof(File));
        f[&File::ref] = 1;
        found = f.address();
    }
    kernel.release(data.address_of(&KernelData::ftable_lock));
    if (!found) kernel.fail("all " + std::to_string(NFILE) + " open files of the system are in use");
    return found;
}

PhysAddr filedup(Kernel& kernel, PhysAddr address) {
    const RamStruct<File> f = file_at(kernel, address, "filedup");
    if (f[&File::ref] < 1) kernel.panic("filedup", "filedup", address.value, "the file is not open");
    f[&File::ref] += 1;
    return address;
}

void fileclose(Kernel& kernel, PhysAddr address) {
    const RamStruct<File> f = file_at(kernel, address, "fileclose");
    if (f[&File::ref] < 1) kernel.panic("fileclose", "fileclose", address.value, "the file is not open");
    f[&File::ref] -= 1;
    if (f[&File::ref] > 0) return;

    const std::int32_t type = f[&File::type];
    f[&File::type] = FD_NONE;
    if (type == FD_PIPE) {
        pipeclose(kernel, PhysAddr(f[&File::pipe]), f[&File::writable] != 0);
    } else if (type == FD_INODE || type == FD_DEVICE) {
        iput(kernel, PhysAddr(f[&File::ip]));
    }
}

int filestat(Kernel& kernel, PhysAddr address, VirtAddr va) {
    const RamStruct<File> f = file_at(kernel, address, "filestat");
    if (f[&File::type] != FD_INODE && f[&File::type] != FD_DEVICE) return kernel.fail("fstat: a pipe has no inode");
    const RamStruct<Inode> ip = inode_at(kernel, PhysAddr(f[&File::ip]), "filestat");
    const Stat stat{.dev = static_cast<std::int32_t>(ip[&Inode::dev].get()),
                    .ino = ip[&Inode::inum],
                    .type = ip[&Inode::type],
                    .nlink = 1,
                    .size = ip[&Inode::size]};
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    kernel.write_bytes(buffer, &stat, sizeof stat);
    if (kernel.copyout(PhysAddr(kernel.myproc()[&Proc::pagetable]), va, buffer, sizeof stat) < 0) {
        return kernel.fail("fstat: " + in_hex(va) + " cannot be written");
    }
    return 0;
}

Transfer fileread(Kernel& kernel, PhysAddr address, VirtAddr va, std::int32_t n) {
    const RamStruct<File> f = file_at(kernel, address, "fileread");
    if (f[&File::readable] == 0) {
        kernel.fail("read: the file is not open for reading");
        return MINUS_ONE;
    }
    switch (f[&File::type]) {
    case FD_PIPE: return piperead(kernel, PhysAddr(f[&File::pipe]), va, n);
    case FD_INODE: return read_inode(kernel, f, va, static_cast<std::uint32_t>(n));
    case FD_DEVICE:
        if (f[&File::major] == CONSOLE) return consoleread(kernel, va, n);
        kernel.fail("read: no such device");
        return MINUS_ONE;
    default: kernel.panic("fileread", "fileread", address.value, "a struct file of no type that can be read");
    }
}

Transfer filewrite(Kernel& kernel, PhysAddr address, VirtAddr va, std::int32_t n) {
    const RamStruct<File> f = file_at(kernel, address, "filewrite");
    if (f[&File::writable] == 0) {
        kernel.fail("write: the file is not open for writing");
        return MINUS_ONE;
    }
    switch (f[&File::type]) {
    case FD_PIPE: return pipewrite(kernel, PhysAddr(f[&File::pipe]), va, n);
    case FD_DEVICE:
        if (f[&File::major] == CONSOLE) return consolewrite(kernel, va, n);
        kernel.fail("write: no such device");
        return MINUS_ONE;
    default:  // files are read-only, so none is open for writing
        kernel.panic("filewrite", "filewrite", address.value, "a struct file of no type that can be written");
    }
}

}  // namespace hartlab
