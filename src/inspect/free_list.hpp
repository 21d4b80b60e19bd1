// The allocator's free list, in the order in which kalloc would hand the pages out, up to where it breaks.
#pragma once

#include <cstdint>
#include <vector>

#include "inspect/interruption.hpp"
#include "inspect/row.hpp"
#include "inspect/rows.hpp"
#include "inspect/state_view.hpp"

namespace hartlab::inspect {

enum class FreeVerdict : std::int32_t {
    ok,
    cycle,          // this page is on the list already
    out_of_bounds,  // below end() or not in RAM
    misaligned,     // not the address of a page
};

struct FreeListRow {
    std::uint64_t index;
    std::uint64_t pa;
    std::uint64_t next;  // what its first eight bytes say; 0 ends the list
    std::int32_t code;   // a FreeVerdict
    char verdict[16];    // in words

    static constexpr std::string_view NAME = "free list";
    static Fields fields();
};

std::string_view free_verdict_name(FreeVerdict verdict);

/// A row a page. When the list breaks, the last row is the bad pointer itself, with a verdict other than ok. Throws Interrupted.
Rows<FreeListRow> free_list(const KernelView& kernel, Poll poll = nullptr);

}  // namespace hartlab::inspect
