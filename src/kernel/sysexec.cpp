// exec as a system call, and on the host's behalf: its strings are gathered in pages of kernel memory, one each, which the
// model's exec then pushes on the new stack.
#include "kernel/syscall.hpp"

#include "kernel/in_hex.hpp"
#include "kernel/proc.hpp"
#include "kernel/trap.hpp"

namespace hartlab {

namespace {

/// KernelData::argv, an array of pointers to pages that hold one string each.
class Arguments {
public:
    explicit Arguments(Kernel& kernel) : kernel_(&kernel) {
        kernel.fill(kernel.data().address_of(&KernelData::argv), 0, sizeof(KernelData::argv));
    }
    /// A page for one more string; 0, with the reason noted, when there are too many or there is no memory.
    PhysAddr add() {
        if (count_ + 1 >= MAXARG) {  // the last pointer is null
            kernel_->fail("exec: more than " + std::to_string(MAXARG - 1) + " arguments");
            return {};
        }
        const PhysAddr page = kernel_->kalloc();
        if (!page) kernel_->fail("exec: no memory for the arguments");
        if (page) kernel_->data()(&KernelData::argv, count_++) = page.value;
        return page;
    }
    /// Leaves null pointers behind, so that whoever takes a census sees no page in two places.
    void free_pages() {
        while (count_ > 0) {
            const RamField<std::uint64_t> page = kernel_->data()(&KernelData::argv, --count_);
            kernel_->kfree(PhysAddr(page));
            page = 0;
        }
    }

private:
    Kernel* kernel_;
    std::size_t count_ = 0;
};

/// Path and arguments are in place.
int exec_gathered(Kernel& kernel, Arguments& arguments) {
    const RamStruct<Proc> p = kernel.myproc();
    const RamStruct<KernelData> data = kernel.data();
    const int argc = kernel.exec(data.address_of(&KernelData::path), data.address_of(&KernelData::argv));
    arguments.free_pages();
    if (argc < 0) return -1;
    // The new program starts with floating-point registers and flags of 0; its ASID was the old one's.
    kernel.fill(PhysAddr(p[&Proc::trapframe]) + sizeof(Trapframe), 0, sizeof(FloatFrame));
    fence_after_unmapping(kernel, p);
    return argc;
}

/// Fetches the user's argv. False, with the reason noted, when it cannot be read.
bool fetch_arguments(Kernel& kernel, VirtAddr argv, Arguments& arguments) {
    for (std::uint64_t i = 0;; ++i) {
        const VirtAddr entry = argv + i * sizeof(std::uint64_t);
        const std::optional<std::uint64_t> string = fetchaddr(kernel, entry);
        if (!string) {
            kernel.fail("exec: argv[" + std::to_string(i) + "] at " + in_hex(entry) + " cannot be read");
            return false;
        }
        if (*string == 0) return true;
        const PhysAddr page = arguments.add();
        if (!page) return false;
        if (!fetchstr(kernel, VirtAddr(*string), page, PGSIZE)) {
            kernel.fail("exec: the string of argv[" + std::to_string(i) + "] at " + in_hex(*string) +
                        " cannot be read, or is longer than a page");
            return false;
        }
    }
}

}  // namespace

std::optional<std::uint64_t> sys_exec(Kernel& kernel) {
    const VirtAddr argv = argaddr(kernel, 1);
    if (!argpath(kernel, 0)) return ~std::uint64_t{0};
    Arguments arguments(kernel);
    if (!fetch_arguments(kernel, argv, arguments)) {
        arguments.free_pages();
        return ~std::uint64_t{0};
    }
    return static_cast<std::uint64_t>(std::int64_t{exec_gathered(kernel, arguments)});
}

int exec_from_host(Kernel& kernel, const std::string& path, const std::vector<std::string>& strings) {
    if (path.size() >= MAXPATH) {
        return kernel.fail("exec: the path is longer than " + std::to_string(MAXPATH - 1) + " characters");
    }
    kernel.write_bytes(kernel.data().address_of(&KernelData::path), path.c_str(), path.size() + 1);
    Arguments arguments(kernel);
    for (const std::string& string : strings) {
        if (string.size() >= PGSIZE) {
            arguments.free_pages();
            return kernel.fail("exec: an argument is longer than a page");
        }
        const PhysAddr page = arguments.add();
        if (!page) {
            arguments.free_pages();
            return -1;
        }
        kernel.write_bytes(page, string.c_str(), string.size() + 1);
    }
    return exec_gathered(kernel, arguments);
}

}  // namespace hartlab
