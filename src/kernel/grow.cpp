// Growing and shrinking user memory, for sbrk.
#include "kernel/in_hex.hpp"
#include "kernel/proc.hpp"
#include "kernel/vma.hpp"
#include "mmu/pte.hpp"

namespace hartlab::native {

/// Grows or shrinks user memory by n bytes, mapping or freeing whole pages. 0, or -1 and nothing has changed: there is no
/// memory, or an area of myalloc's or TRAPFRAME is in the way.
int growproc(Kernel& kernel, int n) {
    const RamStruct<Proc> p = kernel.myproc();
    const PhysAddr pagetable(p[&Proc::pagetable]);
    const std::uint64_t sz = p[&Proc::sz];
    // Shrinking by more than there is wraps to a size beyond sz, at which uvmdealloc changes nothing.
    const std::uint64_t wanted = sz + static_cast<std::uint64_t>(std::int64_t{n});
    if (n > 0) {
        if (wanted > TRAPFRAME || wanted < sz) {
            return kernel.fail("growproc: " + in_hex(wanted) + " is beyond TRAPFRAME, the limit of user memory");
        }
        const std::uint64_t limit = size_limit(kernel, p, "growproc");
        if (wanted > limit) {
            return kernel.fail("growproc: " + in_hex(wanted) + " is beyond the area at " + in_hex(limit));
        }
        const std::uint64_t grown = kernel.uvmalloc(pagetable, sz, wanted, PTE_W);
        if (grown == 0) return kernel.fail("growproc: uvmalloc found no memory");
        p[&Proc::sz] = grown;
    } else if (n < 0) {
        p[&Proc::sz] = kernel.uvmdealloc(pagetable, sz, wanted);
        fence_after_unmapping(kernel, p);
    }
    return 0;
}

/// Shrinks user memory by n bytes. 0, or -1 and nothing has changed: there are not so many.
// n is read as unsigned, so that -INT_MIN, which is INT_MIN again, means what sbrk's caller meant.
int shrinkproc(Kernel& kernel, int n) {
    const RamStruct<Proc> p = kernel.myproc();
    const std::uint64_t sz = p[&Proc::sz];
    const std::uint64_t amount = static_cast<std::uint32_t>(n);
    if (amount > sz) {
        return kernel.fail("shrinkproc: cannot give back " + std::to_string(amount) + " bytes of " +
                           std::to_string(sz));
    }
    p[&Proc::sz] = kernel.uvmdealloc(PhysAddr(p[&Proc::pagetable]), sz, sz - amount);
    fence_after_unmapping(kernel, p);
    return 0;
}

}  // namespace hartlab::native
