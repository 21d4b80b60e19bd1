// The decoded instructions of one page of RAM, by half-word: the one at byte offset 2i is slot i. They are decoded a basic
// block at a time, when first reached, and forgotten when their bytes change.
//
// A basic block runs from any slot that is entered to the next instruction that may go elsewhere or may need the exact
// state of the hart, or to the end of the page. Slot::block counts down along it; so blocks that share a tail agree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/address.hpp"
#include "hart/isa/instruction.hpp"
#include "hart/memory_loop.hpp"
#include "hart/slot.hpp"

namespace hartlab {

class CodePage {
public:
    static constexpr std::size_t SLOTS = PGSIZE / 2;

    /// Of the page at `pa`, whose `bytes` stay where they are.
    CodePage(PhysAddr pa, const std::uint8_t* bytes);

    PhysAddr pa() const { return pa_; }
    /// Whether nothing of it is decoded.
    bool empty() const { return low_ >= high_; }

    Slot* slots() { return slots_.data(); }
    Slot& slot(std::size_t index) { return slots_[index]; }
    /// Whether the instruction at slot `index` has its second half in the next page.
    bool runs_on(std::size_t index) const { return index + 1 == SLOTS && !is_compressed(half(index)); }
    std::uint16_t half(std::size_t index) const {
        std::uint16_t value;
        std::memcpy(&value, bytes_ + 2 * index, sizeof value);
        return value;
    }
    /// Decodes the block that begins at slot `index`, up to its end or to what is decoded already.
    void decode_block(std::size_t index);
    /// The instruction at slot `index`, alone; its length is 0 when it runs on into the next page.
    Instruction decode(std::size_t index) const;
    /// Forgets the instructions that contain any of these bytes, and the blocks that they are part of. Whether there were any.
    bool forget(std::uint64_t offset, std::uint64_t size);

    /// The loop whose branch is in `slot`. Precondition: the slot's handler is Handler::memory_loop.
    const MemoryLoop& memory_loop(const Slot& slot) const { return loops_[slot.rd].loop; }

private:
    struct PlacedLoop {
        MemoryLoop loop;
        std::uint16_t first = 0, branch = 0;  // slots
    };
    static constexpr std::size_t MAX_LOOPS = 64;  // a page that has had more is executed without them

    void find_memory_loop(std::size_t target, std::size_t branch);

    std::vector<PlacedLoop> loops_;
    std::array<Slot, SLOTS + 1> slots_;  // behind the last half-word: where execution leaves the page
    PhysAddr pa_;
    const std::uint8_t* bytes_;
    std::size_t low_ = SLOTS, high_ = 0;  // what has been decoded, and the turns of loops_, lie in [low_, high_)
};

/// `instruction` as it executes by itself, with no neighbours: branches near and far go by address.
Slot lone_slot(const Instruction& instruction);

}  // namespace hartlab
