// Reference counts and the mark of a copy-on-write page.
//
// The count of a frame is the number of PTEs below TRAPFRAME, in tables other than the kernel's own, that map it; page
// tables, trapframes, stacks and free frames have 0. mappages adds one and uvmunmap takes one away, under either fork
// policy, so that the counts can always be held against the tables. What the policy changes is who frees: with
// fork="cow", uvmunmap frees a frame when its count has come down to 0; with fork="copy", at once, as xv6 does.
// kfree neither looks at the count nor changes it.
#pragma once

#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

/// Software bit: the page was writable before fork shared it, and a store to it is to be given a copy.
inline constexpr std::uint64_t PTE_COW = 1 << 8;

inline bool is_counted(Kernel& kernel, PhysAddr pagetable, VirtAddr va, PhysAddr pa) {
    return va.value < TRAPFRAME && kernel.ram().contains(pa) &&
           pagetable.value != kernel.data()[&KernelData::kernel_pagetable];
}

/// `pagetable` now maps the frame at `va`.
inline void add_reference(Kernel& kernel, PhysAddr pagetable, VirtAddr va, PhysAddr pa) {
    if (is_counted(kernel, pagetable, va, pa)) kernel.references(pa) += 1;
}

/// `pagetable` no longer maps the frame at `va`. Returns how many others do: 0 for a frame that is not counted.
inline std::int32_t drop_reference(Kernel& kernel, PhysAddr pagetable, VirtAddr va, PhysAddr pa) {
    if (!is_counted(kernel, pagetable, va, pa)) return 0;
    const RamField<std::int32_t> count = kernel.references(pa);
    // Hostile data may hold less than there are mappings: a count never falls below 0.
    if (count > 0) count -= 1;
    return count > 0 ? count.get() : 0;
}

}  // namespace hartlab
