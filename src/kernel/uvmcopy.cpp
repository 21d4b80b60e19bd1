// fork's copy of a process's memory: page by page, or shared until someone writes.
#include "kernel/uvmcopy.hpp"

#include "kernel/cow.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kalloc.hpp"
#include "kernel/leaves.hpp"

namespace hartlab {

namespace {

/// A page that the older uvmcopy insists on and that is not there.
[[noreturn]] void copy_absent(Kernel& kernel, PhysAddr pagetable, VirtAddr va) {
    const bool no_table = !kernel.walk(pagetable, va, false);
    kernel.panic(no_table ? "uvmcopy: pte should exist" : "uvmcopy: page not present", "uvmcopy", va.value,
                 in_hex(va) + " is not mapped");
}

/// Gives the new table a copy of the page. False without memory.
bool copy_page(Kernel& kernel, PhysAddr new_pagetable, const PresentPage& page) {
    const PhysAddr mem = kalloc_copy(kernel, PTE2PA(page.pte));
    if (!mem) return false;
    if (kernel.mappages(new_pagetable, page.va, PGSIZE, mem, PTE_FLAGS(page.pte)) != 0) {
        kernel.kfree(mem);
        return false;
    }
    return true;
}

/// Lets the new table map the same frame: read-only, and marked when it was writable. False without memory.
bool share_page(Kernel& kernel, PhysAddr new_pagetable, const PresentPage& page) {
    const std::uint64_t flags = PTE_FLAGS(page.pte);
    const std::uint64_t shared = flags & PTE_W ? (flags & ~PTE_W) | PTE_COW : flags;
    return kernel.mappages(new_pagetable, page.va, PGSIZE, PTE2PA(page.pte), shared) == 0;
}

}  // namespace

bool copy_pages(Kernel& kernel, PhysAddr old_pagetable, PhysAddr new_pagetable, VirtAddr first, VirtAddr end) {
    const bool must_exist = kernel.policies().uvmcopy == AbsentPolicy::panic;
    const bool share = kernel.policies().fork == ForkPolicy::cow;

    VirtAddr next = first;  // everything below is done
    const bool complete = visit_present(kernel, old_pagetable, first, end, [&](const PresentPage& page) {
        if (must_exist && page.va > next) copy_absent(kernel, old_pagetable, next);
        if (page.superpage()) kernel.panic("uvmcopy: superpage", "uvmcopy", page.va.value, "this kernel maps none");
        if (!kernel.may_continue()) return false;
        if (!(share ? share_page(kernel, new_pagetable, page) : copy_page(kernel, new_pagetable, page))) return false;
        next = page.va + PGSIZE;
        return true;
    });
    if (!complete) {
        kernel.uvmunmap(new_pagetable, first, (next - first) / PGSIZE, true);
        return false;
    }
    if (must_exist && next < end && next.value < MAXVA) copy_absent(kernel, old_pagetable, next);
    return true;
}

void protect_pages(Kernel& kernel, PhysAddr pagetable, VirtAddr first, VirtAddr end) {
    visit_present(kernel, pagetable, first, end, [&](const PresentPage& page) {
        if (page.pte & PTE_W) kernel.store_pte(page.pte_address, (page.pte & ~PTE_W) | PTE_COW);
        return true;
    });
}

namespace native {

/// Gives the new table what the old one maps below sz: copies, or with fork="cow" the same frames. 0, or -1 without memory,
/// when everything done is undone. Policy `uvmcopy`: a hole is skipped, or panic `uvmcopy: pte should exist` or
/// `uvmcopy: page not present`.
///
/// The old table is changed (fork="cow") only when nothing can fail any more.
int uvmcopy(Kernel& kernel, PhysAddr old_pagetable, PhysAddr new_pagetable, std::uint64_t sz) {
    const VirtAddr end(PGROUNDUP(sz));
    if (!copy_pages(kernel, old_pagetable, new_pagetable, VirtAddr(0), end)) return -1;
    if (end.value > MAXVA) kernel.panic("walk", "uvmcopy", MAXVA, "sz reaches above MAXVA");

    if (kernel.policies().fork == ForkPolicy::cow) {
        protect_pages(kernel, old_pagetable, VirtAddr(0), end);
        kernel.hart().mmu.sfence_vma(std::nullopt, std::nullopt);  // the hart may hold the old translations
    }
    return 0;
}

}  // namespace native

}  // namespace hartlab
