// Making and giving back areas, for myalloc and myfree: which range, which slot of vm[], and the list.
#include <algorithm>

#include "kernel/in_hex.hpp"
#include "kernel/proc.hpp"
#include "kernel/vma.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t MINUS_ONE = ~std::uint64_t{0};

/// A range in which there is nothing, from sz to the first area, between two areas, or from the last one to TRAPFRAME.
struct Gap {
    std::uint64_t start = 0, end = 0;

    bool holds(std::uint64_t length) const { return start <= end && end - start >= length; }
};

/// The gaps by ascending address; gap i lies in front of area i. One may be empty.
std::array<Gap, NVMA> find_gaps(RamStruct<Proc> p, const Areas& areas) {
    std::array<Gap, NVMA> gaps{};
    const std::uint64_t sz = p[&Proc::sz];
    std::uint64_t below = sz >= TRAPFRAME ? TRAPFRAME : PGROUNDUP(sz);
    for (std::size_t i = 0; i < areas.size(); ++i) {
        gaps[i] = {below, areas[i].start};
        below = areas[i].end;
    }
    gaps[areas.size()] = {below, TRAPFRAME};
    return gaps;
}

/// Where a new area goes.
struct Place {
    std::size_t gap;
    std::uint64_t start;
};

using Gaps = std::array<Gap, NVMA>;

std::optional<Place> first_fit(const Gaps& gaps, std::uint64_t length) {
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        if (gaps[i].holds(length)) return Place{i, gaps[i].start};
    }
    return std::nullopt;
}

/// The smallest gap that is large enough; of equals the lowest.
std::optional<Place> best_fit(const Gaps& gaps, std::uint64_t length) {
    std::optional<Place> best;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        if (!gaps[i].holds(length)) continue;
        const auto size = [&](std::size_t gap) { return gaps[gap].end - gaps[gap].start; };
        if (!best || size(i) < size(best->gap)) best = Place{i, gaps[i].start};
    }
    return best;
}

/// The first that is large enough at or above `from`, where the last search ended; then from the bottom.
std::optional<Place> next_fit(const Gaps& gaps, std::uint64_t length, std::uint64_t from) {
    from = from > TRAPFRAME ? 0 : PGROUNDUP(from);
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        const Gap rest{std::max(gaps[i].start, from), gaps[i].end};
        if (rest.holds(length)) return Place{i, rest.start};
    }
    return first_fit(gaps, length);
}

std::optional<Place> find_place(Kernel& kernel, RamStruct<Proc> p, const Areas& areas, std::uint64_t length) {
    const Gaps gaps = find_gaps(p, areas);
    switch (kernel.policies().areas) {
    case AreaPolicy::first: break;
    case AreaPolicy::best: return best_fit(gaps, length);
    case AreaPolicy::next: return next_fit(gaps, length, p(&Proc::vm, 0)[&Vma::start]);
    }
    return first_fit(gaps, length);
}

/// The element of the list that `next` of area number `index` hangs on.
RamStruct<Vma> before(RamStruct<Proc> p, const Areas& areas, std::size_t index) {
    return p(&Proc::vm, index == 0 ? 0 : areas[index - 1].slot);
}

}  // namespace

namespace native {

/// Gives the current process an area of n bytes, rounded up to whole pages, which are there and zeroed. It lies between
/// PGROUNDUP(sz) and TRAPFRAME, in the gap that policy `areas` chooses: the lowest that is large enough (first), the
/// smallest (best), or the next one behind the last area made (next). Returns its first address; -1, and nothing has
/// changed, when n is 0 or more than any gap has, when all nine areas are in use, or without memory. panic `vma` when the
/// list of areas is corrupted.
///
/// It takes the lowest slot of vm[1] to vm[9] that the list does not lead to, with `perm` R W U and `used` 1. Policy next
/// keeps the end of the area made last in vm[0].start.
std::uint64_t mygrowproc(Kernel& kernel, std::uint64_t n) {
    const RamStruct<Proc> p = kernel.myproc();
    const auto fail = [&](const std::string& why) {
        kernel.fail("myalloc: " + why);
        return MINUS_ONE;
    };
    if (n == 0) return fail("an area of 0 bytes is none");
    if (n > TRAPFRAME) return fail(in_hex(n) + " bytes are more than fit below TRAPFRAME");
    const std::uint64_t length = PGROUNDUP(n);

    const Areas areas(kernel, p, "mygrowproc");
    const std::optional<std::size_t> slot = areas.free_slot();
    if (!slot) return fail("all " + std::to_string(NVMA - 1) + " areas are in use");
    const std::optional<Place> place = find_place(kernel, p, areas, length);
    if (!place) return fail("no gap below TRAPFRAME has room for " + std::to_string(length) + " bytes");
    const std::uint64_t end = place->start + length;
    if (kernel.myallocuvm(PhysAddr(p[&Proc::pagetable]), place->start, end) < 0) {
        return fail("no memory for " + std::to_string(length) + " bytes");
    }

    const RamStruct<Vma> area = p(&Proc::vm, *slot), last = before(p, areas, place->gap);
    area[&Vma::start] = place->start;
    area[&Vma::length] = length;
    area[&Vma::perm] = PTE_R | PTE_W | PTE_U;
    area[&Vma::used] = 1;
    area[&Vma::next] = last[&Vma::next];
    last[&Vma::next] = area.address().value;
    if (kernel.policies().areas == AreaPolicy::next) p(&Proc::vm, 0)[&Vma::start] = end;
    return place->start;
}

/// Gives back the current process's area that begins at `start`. 0; -1, and nothing has changed, when none does.
/// panic `vma` when the list of areas is corrupted. Its slot of vm[] is all zeros afterwards. With ASIDs, fences the
/// process's own.
int myreduceproc(Kernel& kernel, std::uint64_t start) {
    const RamStruct<Proc> p = kernel.myproc();
    const Areas areas(kernel, p, "myreduceproc");
    const Area* area = std::find_if(areas.begin(), areas.end(), [&](const Area& a) { return a.start == start; });
    if (area == areas.end()) return kernel.fail("myfree: no area begins at " + in_hex(start));

    kernel.mydeallocuvm(PhysAddr(p[&Proc::pagetable]), area->start, area->end);
    const RamStruct<Vma> gone = p(&Proc::vm, area->slot);
    before(p, areas, static_cast<std::size_t>(area - areas.begin()))[&Vma::next] = gone[&Vma::next].get();
    kernel.fill(gone.address(), 0, sizeof(Vma));
    fence_after_unmapping(kernel, p);
    return 0;
}

}  // namespace native

}  // namespace hartlab
