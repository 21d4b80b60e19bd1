// Copies between the kernel and a user's memory, by the software walk: the kernel sees physical memory at its own
// addresses, so a user page is reached through its frame and never through the MMU. Page by page, and never through a page
// without U, nor to one without W. All return 0, or -1; what was copied before a failure stays copied.
#include <algorithm>
#include <cstring>

#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

/// The user page at `va`, with a granted page that is absent put in place; 0 when there is none.
PhysAddr user_page(Kernel& kernel, PhysAddr pagetable, VirtAddr va, bool read) {
    const PhysAddr pa = kernel.walkaddr(pagetable, va);
    return pa ? pa : kernel.vmfault(pagetable, va, read);
}

/// The same to be written to: a page that fork shared is made the user's own. 0 for a read-only page.
PhysAddr writable_user_page(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    const PhysAddr pa = user_page(kernel, pagetable, va, false);
    if (!pa) return pa;
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    if (!pte_address) return pte_address;  // only a walk that was replaced says so
    if (kernel.load<std::uint64_t>(pte_address) & PTE_W) return pa;
    const bool made_own = kernel.policies().fork == ForkPolicy::cow && kernel.cowfault(pagetable, va) == 0;
    return made_own ? kernel.walkaddr(pagetable, va) : PhysAddr(0);
}

/// How many of `len` bytes from `va` on lie in its page.
std::uint64_t within_page(VirtAddr va, std::uint64_t len) { return std::min(len, PGSIZE - va.page_offset()); }

}  // namespace

namespace native {

/// From kernel memory to user memory.
int copyout(Kernel& kernel, PhysAddr pagetable, VirtAddr dstva, PhysAddr source, std::uint64_t len) {
    while (len > 0) {
        if (dstva.value >= MAXVA || !kernel.may_continue()) return -1;
        const PhysAddr page = writable_user_page(kernel, pagetable, dstva.page_base());
        if (!page) return -1;
        const std::uint64_t n = within_page(dstva, len);
        kernel.copy(page + dstva.page_offset(), source, n);
        len -= n;
        source += n;
        dstva += n;
    }
    return 0;
}

/// From user memory to kernel memory.
int copyin(Kernel& kernel, PhysAddr pagetable, PhysAddr destination, VirtAddr srcva, std::uint64_t len) {
    while (len > 0) {
        if (srcva.value >= MAXVA || !kernel.may_continue()) return -1;
        const PhysAddr page = user_page(kernel, pagetable, srcva.page_base(), true);
        if (!page) return -1;
        const std::uint64_t n = within_page(srcva, len);
        kernel.copy(destination, page + srcva.page_offset(), n);
        len -= n;
        destination += n;
        srcva += n;
    }
    return 0;
}

/// A string from user memory, its zero byte included: -1 when there is none among `max` bytes. Absent pages are not put
/// in place.
int copyinstr(Kernel& kernel, PhysAddr pagetable, PhysAddr destination, VirtAddr srcva, std::uint64_t max) {
    while (max > 0) {
        if (srcva.value >= MAXVA || !kernel.may_continue()) return -1;
        const PhysAddr page = kernel.walkaddr(pagetable, srcva.page_base());
        if (!page) return -1;
        std::uint64_t n = within_page(srcva, max);
        const PhysAddr from = page + srcva.page_offset();
        kernel.check(from, n, Access::load);
        const auto* bytes = kernel.ram().at(from);
        const auto* end = static_cast<const std::uint8_t*>(std::memchr(bytes, 0, n));
        if (end) n = static_cast<std::uint64_t>(end - bytes) + 1;
        kernel.copy(destination, from, n);
        if (end) return 0;
        max -= n;
        destination += n;
        srcva += n;
    }
    return -1;
}

}  // namespace native

}  // namespace hartlab
