// Loops that do nothing but fill or copy memory, as compilers make them of memset, memcpy and memmove: one basic block that
// branches back to its own beginning, stores (or loads and stores) one element a turn, and steps its pointers.
//
// Whole turns of them are done at once, within a page, when every access is a hit. Results, counts and registers are those
// of the single instructions; whatever is not a plain turn (the first, the last, a page boundary, a miss, the end of
// the budget) is left to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hart/isa/instruction.hpp"
#include "hart/ledger.hpp"

namespace hartlab {

class Hart;

struct MemoryLoop {
    static constexpr int MAX_STEPS = 4;
    /// A register that each turn adds a constant to.
    struct Step {
        std::uint8_t reg = 0;
        bool word = false;  // by addiw
        std::int32_t by = 0;
    };

    /// Where an access goes: to the sum of a register that steps, one that stands still (x0 for none) and an offset. Compilers
    /// that index two arrays by one counter add the two registers in each turn, into a third.
    struct Address {
        std::uint8_t base = 0, index = 0;
        std::int32_t offset = 0;  // from the base as it is when a turn begins
        std::uint8_t sum = 0;     // the register that holds base + index behind the turn, 0 for none
        std::int32_t sum_offset = 0;

        std::uint64_t in(const std::array<std::uint64_t, 33>& x) const {
            return x[base] + x[index] + static_cast<std::uint64_t>(std::int64_t{offset});
        }
    };

    std::uint16_t length = 0;  // instructions in a turn
    std::uint8_t size = 0;     // of an element, in bytes
    bool copies = false;       // or else fills
    Op load = Op::illegal;     // which load it is, for the last value in its register
    std::uint8_t value = 0;    // the register that is stored
    Address from, to;          // of the load, of the store
    Step steps[MAX_STEPS]{};
    int step_count = 0;
    Op branch = Op::illegal;
    std::uint8_t rs1 = 0, rs2 = 0;

    const Step* step_of(std::uint8_t reg) const {
        for (int i = 0; i < step_count; ++i) {
            if (steps[i].reg == reg) return &steps[i];
        }
        return nullptr;
    }
};

/// The loop that these instructions are, the last of which branches back to the first; nothing if they are another.
std::optional<MemoryLoop> recognise_memory_loop(const Instruction* block, std::size_t count);

/// At the end of a turn, whose branch is going to be taken: does as many turns as are plain, perhaps none. What the ledger
/// is after them.
Ledger repeat_memory_loop(Hart& hart, const MemoryLoop& loop, Ledger ledger);

}  // namespace hartlab
