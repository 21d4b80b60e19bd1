// A process's list of areas (kernel/vma.hpp) as found in a view: read as far as it makes sense, and what is wrong with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "inspect/state_view.hpp"

namespace hartlab::inspect {

struct VmaList {
    std::array<const Vma*, NVMA - 1> areas{};
    std::size_t count = 0;
    std::string problem;           // in words: why the list was read no further; empty when it ends as it should
    std::uint64_t problem_at = 0;  // the link at fault

    /// The list of `p`, which is proc[slot]. Its areas have a page or more, below TRAPFRAME; they may overlap.
    VmaList(const Proc& p, std::size_t slot);

    const Vma* const* begin() const { return areas.data(); }
    const Vma* const* end() const { return areas.data() + count; }
    /// Whether one of them has `va`.
    bool has(std::uint64_t va) const;
};

}  // namespace hartlab::inspect
