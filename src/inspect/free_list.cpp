#include "inspect/free_list.hpp"

#include "inspect/free_list_walker.hpp"

namespace hartlab::inspect {

Fields FreeListRow::fields() {
    return {
        field("index", &FreeListRow::index, "0 is the page that kalloc hands out next"),
        field("pa", &FreeListRow::pa, "physical address of the free page"),
        field("next", &FreeListRow::next, "the next free page, as this one's first eight bytes say; 0 ends the list"),
        field("code", &FreeListRow::code, "the verdict as a number: 0 ok, 1 cycle, 2 out of bounds, 3 misaligned"),
        field("verdict", &FreeListRow::verdict, "ok; or why the list breaks at this pointer"),
    };
}

std::string_view free_verdict_name(FreeVerdict verdict) {
    switch (verdict) {
    case FreeVerdict::ok: return "ok";
    case FreeVerdict::cycle: return "cycle";
    case FreeVerdict::out_of_bounds: return "out of bounds";
    case FreeVerdict::misaligned: return "misaligned";
    }
    return "?";
}

Rows<FreeListRow> free_list(const KernelView& kernel, Poll poll) {
    Rows<FreeListRow> rows;
    rows.reserve(std::min(kernel.data->kmem.free_pages, kernel.memory().page_count()) + 1);
    const auto add = [&](std::uint64_t pa, std::uint64_t next, FreeVerdict verdict) {
        FreeListRow row{rows.size(), pa, next, static_cast<std::int32_t>(verdict), {}};
        set_text(row.verdict, free_verdict_name(verdict));
        rows.push_back(row);
    };
    Interruption interruption(poll);
    const FreeListEnd end = walk_free_list(
        kernel, interruption, [&](std::uint64_t pa, std::uint64_t next) { add(pa, next, FreeVerdict::ok); });
    if (end.verdict != FreeVerdict::ok) add(end.pa, 0, end.verdict);
    return rows;
}

}  // namespace hartlab::inspect
