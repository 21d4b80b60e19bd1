// Areas: user memory beyond sz, which myalloc made and between which there may be holes. A process lists them in its vm[]:
// vm[0] is no area but the head of a list, linked by `next` in address order, of those among vm[1] to vm[9] that are areas.
//
//   0 ... sz | hole? | area | hole? | area | ... | TRAPFRAME        all of an area's pages are mapped, R W U
//
// The list is the record: a slot that is not in it is free, whatever it holds. `perm` and `used` are kept for whoever looks
// at vm[] as an array, and vm[0].start is where the policy "next" goes on searching.
//
// For the kernel's own files. What a lab may replace is in kernel/functions.hpp: mygrowproc and the other three.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernel/kernel.hpp"

namespace hartlab {

/// An area as the list has it, checked.
struct Area {
    std::size_t slot = 0;  // in vm[]
    std::uint64_t start = 0, end = 0;

    std::uint64_t length() const { return end - start; }
};

/// The areas of a process, by ascending address.
class Areas {
public:
    /// Reads the list. Hostile data may have put anything there: panic `vma`, said by `function`, at the first link or area
    /// that cannot be right. At most nine links are followed, and none out of vm[].
    Areas(Kernel& kernel, RamStruct<Proc> p, const char* function);

    const Area* begin() const { return areas_.data(); }
    const Area* end() const { return areas_.data() + count_; }
    std::size_t size() const { return count_; }
    const Area& operator[](std::size_t index) const { return areas_[index]; }
    /// The lowest slot of vm[] that is in no list; nothing when all nine are.
    std::optional<std::size_t> free_slot() const;

private:
    std::array<Area, NVMA - 1> areas_{};
    std::size_t count_ = 0;
};

/// Where the user memory below sz has to end: at the first area, or at TRAPFRAME.
std::uint64_t size_limit(Kernel& kernel, RamStruct<Proc> p, const char* function);

/// Whether all of [va, va + length) lies in one area.
bool in_an_area(Kernel& kernel, RamStruct<Proc> p, VirtAddr va, std::uint64_t length);

/// For fork: gives `np`, which has none, the areas of `p`: copies of their pages, or with fork="cow" the same frames.
/// False without memory; what has been copied by then is in np's list, and goes when np does. `p` is not changed.
bool copy_areas(Kernel& kernel, RamStruct<Proc> p, RamStruct<Proc> np);
/// The second half, once fork cannot fail any more: with fork="cow", write-protects p's own pages, and fences.
void protect_areas(Kernel& kernel, RamStruct<Proc> p);

/// Frees all areas of `p`, which `pagetable` maps, and empties the list.
void drop_areas(Kernel& kernel, RamStruct<Proc> p, PhysAddr pagetable, const char* function);

}  // namespace hartlab
