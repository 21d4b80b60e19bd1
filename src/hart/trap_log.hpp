// The traps that harts have taken, newest last: an instrument of whoever looks at a machine, and no part of its state. A hart
// writes into the log that it has been given; without one (the usual case) nothing is recorded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmu/privilege.hpp"

namespace hartlab {

struct TrapRecord {
    std::uint64_t sequence = 0;      // counts every trap, dropped ones too
    std::uint64_t time = 0;          // of the virtual clock, in ticks
    std::uint64_t instructions = 0;  // that the hart had retired
    std::uint64_t hart = 0;          // mhartid
    std::uint64_t cause = 0, tval = 0, epc = 0;
    std::uint64_t satp = 0;
    Privilege from{}, to{};
    std::array<std::uint64_t, 8> a{};  // a0 to a7: of an ecall its number and arguments
};

class TrapLog {
public:
    /// Precondition: capacity > 0.
    explicit TrapLog(std::size_t capacity) : ring_(capacity) {}

    void add(TrapRecord record) {
        record.sequence = total_;
        ring_[total_++ % ring_.size()] = record;
    }
    std::size_t size() const { return total_ < ring_.size() ? total_ : ring_.size(); }
    std::size_t capacity() const { return ring_.size(); }
    std::uint64_t dropped() const { return total_ - size(); }
    /// Precondition: i < size(). The oldest that is kept is number 0.
    const TrapRecord& operator[](std::size_t i) const { return ring_[(dropped() + i) % ring_.size()]; }

private:
    std::vector<TrapRecord> ring_;
    std::uint64_t total_ = 0;
};

}  // namespace hartlab
