// Copying a range of pages from one table to another: what uvmcopy does below sz, and fork with each area.
// For the kernel's own files; a lab replaces uvmcopy (kernel/functions.hpp).
#pragma once

#include "kernel/kernel.hpp"

namespace hartlab {

/// Gives the new table what the old one maps in [first, end): copies, or with fork="cow" the same frames, for which the old
/// table must be protected afterwards. False without memory, when everything done is undone. Policy `uvmcopy`: a page that
/// is not there is skipped, or panic `uvmcopy: pte should exist` or `uvmcopy: page not present`.
bool copy_pages(Kernel& kernel, PhysAddr old_pagetable, PhysAddr new_pagetable, VirtAddr first, VirtAddr end);

/// Write-protects what the table maps writable in [first, end), and marks it as shared. Fences nothing.
void protect_pages(Kernel& kernel, PhysAddr pagetable, VirtAddr first, VirtAddr end);

}  // namespace hartlab
