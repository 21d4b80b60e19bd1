#include "kernel/c_services.hpp"

#include <cstring>

#include "kernel/c_hart.hpp"
#include "kernel/file.hpp"
#include "kernel/inode.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t LONGEST_TEXT = PGSIZE;

/// An int as a register holds it: sign-extended.
std::uint64_t word(int value) { return static_cast<std::uint64_t>(std::int64_t{value}); }

/// The Kernel, for an operation on `bytes` of memory.
Kernel& charged(Kernel& kernel, std::uint64_t bytes) {
    kernel.seams.charge(bytes / PGSIZE);
    return kernel;
}

int compare(Kernel& kernel, PhysAddr one, PhysAddr two, std::uint64_t length) {
    const auto left = charged(kernel, length).read_bytes(one, length), right = kernel.read_bytes(two, length);
    return length == 0 ? 0 : std::memcmp(left.data(), right.data(), length);
}

void print(Kernel& kernel, std::span<const std::uint64_t, 8> a, PhysAddr stack) {
    const std::string text = format_c(kernel, PhysAddr(a[0]), a.subspan<1>(), stack);
    kernel.seams.charge(text.size() / 8);  // the console keeps everything
    kernel.console.print(text);
}

/// readi of xv6, whose `user_dst` says whether the address is the current process's or the kernel's. What the user is to
/// have passes through the kernel's buffer. How many bytes there were; -1 when the user cannot have them.
int read(Kernel& kernel, PhysAddr ip, bool to_user, std::uint64_t to, std::uint32_t offset, std::uint32_t n) {
    if (!to_user) {
        const std::uint64_t length = readi(kernel, ip, PhysAddr(to), offset, n);
        charged(kernel, length);
        return static_cast<int>(length);
    }
    const RamStruct<Proc> p = kernel.myproc();
    if (!p) return -1;
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    std::uint64_t done = 0;
    while (done < n) {
        kernel.seams.charge(1);
        const std::uint64_t length =
            readi(kernel, ip, buffer, offset + done, within_page(VirtAddr(to) + done, n - done));
        if (length == 0) break;
        if (kernel.copyout(PhysAddr(p[&Proc::pagetable]), VirtAddr(to) + done, buffer, length) < 0) return -1;
        done += length;
    }
    return static_cast<int>(done);
}

}  // namespace

void perform_service(Kernel& kernel, CService service, std::span<std::uint64_t, 8> a, PhysAddr stack) {
    const PhysAddr first(a[0]);
    switch (service) {
    case CService::before:
    case CService::end: return;
    case CService::panic:
        kernel.panic(kernel.read_string(first, LONGEST_TEXT), function_name(kernel.seams.innermost()));
    case CService::printf: return print(kernel, a, stack);
    case CService::fail: a[0] = word(kernel.fail(kernel.read_string(first, LONGEST_TEXT))); return;
    case CService::myproc: a[0] = kernel.myproc().address().value; return;
    case CService::memset: return charged(kernel, a[2]).fill(first, static_cast<std::uint8_t>(a[1]), a[2]);
    case CService::memmove: return charged(kernel, a[2]).copy(first, PhysAddr(a[1]), a[2]);
    case CService::memcmp: a[0] = word(compare(kernel, first, PhysAddr(a[1]), a[2])); return;
    case CService::acquire: return kernel.acquire(first);
    case CService::release: return kernel.release(first);
    case CService::namei: a[0] = namei(kernel, kernel.read_string(first, MAXPATH)).value; return;
    case CService::readi:
        a[0] = word(read(kernel, first, static_cast<std::uint32_t>(a[1]) != 0, a[2], static_cast<std::uint32_t>(a[3]),
                         static_cast<std::uint32_t>(a[4])));
        return;
    case CService::idup: a[0] = idup(kernel, first).value; return;
    case CService::iput: return iput(kernel, first);
    case CService::filealloc: a[0] = filealloc(kernel).value; return;
    case CService::filedup: a[0] = filedup(kernel, first).value; return;
    case CService::fileclose: return fileclose(kernel, first);
    }
}

}  // namespace hartlab
