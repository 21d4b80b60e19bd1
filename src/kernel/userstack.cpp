// The stack of a new program: where it is, and what main finds on it.
//
//   size      -> +--------------------+
//                | strings of argv    |
//                | argv[0] ... null   | <- sp, and a1: main's argv
//                | free               |
//   stackbase -> +--------------------+
//                | guard page, no U   |
//                +--------------------+ <- the program's end, rounded up
#include <array>

#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

/// Puts `length` bytes from `source` below sp, which stays aligned to 16 bytes [RISC-V psABI 2.1]. False, with the reason
/// in Kernel::why, when they do not fit.
bool push(Kernel& kernel, PhysAddr pagetable, std::uint64_t& sp, std::uint64_t stackbase, PhysAddr source,
          std::uint64_t length) {
    sp = (sp - length) & ~std::uint64_t{15};
    if (sp < stackbase) {
        kernel.fail("the arguments do not fit into a stack of " + std::to_string(kernel.policies().stack_pages) +
                    " page(s)");
        return false;
    }
    if (kernel.copyout(pagetable, VirtAddr(sp), source, length) < 0) {
        kernel.fail("the arguments cannot be copied to the stack");
        return false;
    }
    return true;
}

}  // namespace

namespace native {

/// Adds a stack of `npages` to user memory that ends at `sz`, which is rounded up to a page, and below the stack a guard
/// page: mapped without U, so that what runs over the stack faults. Returns the new size; 0 without memory, when what was
/// added is taken back.
std::uint64_t uvmstack(Kernel& kernel, PhysAddr pagetable, std::uint64_t sz, std::uint64_t npages) {
    const std::uint64_t guard = PGROUNDUP(sz);
    const std::uint64_t size = kernel.uvmalloc(pagetable, guard, guard + (npages + 1) * PGSIZE, PTE_W);
    if (size != 0) kernel.uvmclear(pagetable, VirtAddr(guard));
    return size;
}

/// Pushes the strings of `argv`, an array in kernel memory that ends with a null, and below them the array of their user
/// addresses, with its null. Each begins at a multiple of 16, and nothing lies below `stackbase`. Returns the array's address;
/// 0 when there are more than MAXARG strings, one is longer than a page, or they do not fit (see Kernel::why).
std::uint64_t pushargv(Kernel& kernel, PhysAddr pagetable, std::uint64_t sp, std::uint64_t stackbase, PhysAddr argv) {
    kernel.why.clear();
    std::array<std::uint64_t, MAXARG + 1> ustack{};  // where each string is, and a null
    std::uint64_t argc = 0;
    for (;; ++argc) {
        const PhysAddr string(kernel.load<std::uint64_t>(argv + argc * sizeof(std::uint64_t)));
        if (!string) break;
        if (argc >= MAXARG) {
            kernel.fail("more than " + std::to_string(MAXARG) + " arguments");
            return 0;
        }
        const std::uint64_t length = kernel.read_string(string, PGSIZE).size();
        if (length == PGSIZE) {
            kernel.fail("argument " + std::to_string(argc) + " is longer than a page");
            return 0;
        }
        if (!push(kernel, pagetable, sp, stackbase, string, length + 1)) return 0;
        ustack[argc] = sp;
    }
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    const std::uint64_t bytes = (argc + 1) * sizeof(std::uint64_t);
    kernel.write_bytes(buffer, ustack.data(), bytes);
    return push(kernel, pagetable, sp, stackbase, buffer, bytes) ? sp : 0;
}

}  // namespace native

}  // namespace hartlab
