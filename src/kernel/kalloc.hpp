// What else of the kernel needs to know about the page allocator (kalloc.cpp): its junk, and which frames it deals in.
#pragma once

#include "kernel/kernel.hpp"

namespace hartlab {

inline constexpr std::uint8_t KALLOC_JUNK = 5;  // fills a page that kalloc hands out
inline constexpr std::uint8_t KFREE_JUNK = 1;   // fills a free page, behind the pointer to the next one

using Kmem = decltype(KernelData::kmem);

enum class Junk : bool { left_out, filled };

/// What kalloc does; with `must_fail` as though no frame were left.
PhysAddr take_frame(Kernel& kernel, bool must_fail, Junk junk = Junk::filled);

/// kalloc, and then zeros or a copy of the page at `source` in the frame. Nobody can see the junk in between, so that it is left
/// out, unless kalloc is replaced.
PhysAddr kalloc_zeroed(Kernel& kernel);
PhysAddr kalloc_copy(Kernel& kernel, PhysAddr source);

/// Whether `pa` is the first byte of a frame that kalloc may give and kfree may take.
inline bool is_kalloc_frame(Kernel& kernel, PhysAddr pa) {
    return pa.page_aligned() && pa >= kernel.end() && pa < kernel.phystop();
}

}  // namespace hartlab
