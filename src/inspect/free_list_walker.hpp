// The free list followed from kmem.freelist, each pointer looked at before it is believed. For this folder alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "inspect/free_list.hpp"

namespace hartlab::inspect {

/// Where a walk ended: behind the last page (ok, pa 0), or at a pointer that cannot be followed.
struct FreeListEnd {
    FreeVerdict verdict = FreeVerdict::ok;
    std::uint64_t pa = 0;
    std::uint64_t length = 0;  // pages before it
};

inline constexpr std::uint64_t PREFETCH_DISTANCE = 8;

/// Calls visit(pa, next) for each page. Visits no page twice, and so ends.
template <class Visit>
FreeListEnd walk_free_list(const KernelView& kernel, Interruption& interruption, Visit&& visit) {
    const MemoryView& memory = kernel.memory();
    const std::uint64_t first = kernel.end().value;
    std::vector<bool> seen(memory.page_count());
    FreeListEnd end;
    std::uint64_t pa = kernel.data->kmem.freelist;
    while (pa != 0) {
        const PhysAddr page(pa);
        end.verdict = !page.page_aligned()                   ? FreeVerdict::misaligned
                      : pa < first || !memory.contains(page) ? FreeVerdict::out_of_bounds
                      : seen[memory.frame_of(page)]          ? FreeVerdict::cycle
                                                             : FreeVerdict::ok;
        if (end.verdict != FreeVerdict::ok) {
            end.pa = pa;
            return end;
        }
        seen[memory.frame_of(page)] = true;
        interruption.work();
        std::uint64_t next;
        std::memcpy(&next, memory.frame(memory.frame_of(page)), sizeof next);
        // Free pages mostly stand in order. Where the list goes on at this stride, pages far ahead are fetched meanwhile.
        const PhysAddr ahead(next + PREFETCH_DISTANCE * (next - pa));
        if (memory.contains(ahead)) __builtin_prefetch(memory.frame(memory.frame_of(ahead)));
        visit(pa, next);
        ++end.length;
        pa = next;
    }
    return end;
}

}  // namespace hartlab::inspect
