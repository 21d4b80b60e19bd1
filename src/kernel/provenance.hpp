// Who allocated, mapped and freed each frame last, and when: a record that the kernel keeps only when asked to.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"

namespace hartlab {

/// The circumstances of a deed: which process, in which system call or fault, at what time.
struct Deed {
    std::uint64_t time = 0;  // instructions retired; 0 with pid 0: never, or at boot
    std::int32_t pid = 0;
    std::uint64_t cause = 0;    // scause of the trap that the kernel was serving
    std::uint64_t syscall = 0;  // number, when that trap was a system call
    std::uint64_t epc = 0;      // the user instruction that trapped
    bool happened = false;
};

struct FrameHistory {
    Deed allocated, mapped, freed;
    std::uint64_t mapped_va = 0;
};

class Provenance {
public:
    Provenance(PhysAddr base, std::uint64_t frames) : base_(base), frames_(frames) {}
    /// The record of the frame that holds `pa`, or null when it is not in RAM.
    FrameHistory* of(PhysAddr pa) {
        const std::uint64_t index = (pa.value - base_.value) / PGSIZE;
        return index < frames_.size() ? &frames_[index] : nullptr;
    }
    const std::vector<FrameHistory>& frames() const { return frames_; }

private:
    PhysAddr base_;
    std::vector<FrameHistory> frames_;
};

}  // namespace hartlab
