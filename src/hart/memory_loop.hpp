// Loops that do nothing but fill or copy memory, as compilers make them of memset, memcpy and memmove: a straight run of
// instructions that goes back to its own beginning, stores (or loads and stores) one element a turn, and steps pointers and
// counters, which are in registers or, in code that was not optimised, in slots of the stack. One branch of it tests whether
// to go on: its last instruction, or one on the way that leaves the loop.
//
// And loops that only look: that load from the same addresses and compute the same things in each turn, until another hart or an
// interrupt changes what they see. In the time that a hart has to itself nothing does, and one turn is as the one before.
//
// Whole turns of them are done at once, within a page, when every access is a hit. Results, counts and registers are those
// of the single instructions; whatever is not a plain turn (the first, the last, a page boundary, a miss, the end of
// the budget) is left to them. memory_loop_recogniser.cpp finds them, memory_loop.cpp does them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hart/isa/instruction.hpp"
#include "hart/ledger.hpp"

namespace hartlab {

class Hart;

struct MemoryLoop {
    static constexpr std::size_t MAX_LENGTH = 24, MAX_PLACES = 12;

    /// Where the loop keeps a value from turn to turn: a register, or `size` bytes at base + offset, of which the base is a
    /// register that the loop does not write.
    struct Place {
        bool slot = false;
        std::uint8_t reg = 0;  // the register, or the base of the slot
        std::uint8_t size = 8;
        bool loaded = false, stored = false;  // of a slot
        bool element = false;                 // a register that holds the element loaded last
        Op load = Op::illegal;                // how a slot is read
        std::int32_t offset = 0;
        std::int64_t step = 0;  // what each turn adds
        // Its value plus anything from `low` to `high` goes through 32-bit arithmetic, which must not wrap.
        bool narrow = false, never_negative = false;
        std::int64_t low = 0, high = 0;
    };
    /// A sum of at most two places, as they are when a turn begins, each shifted to the left, and a constant.
    struct Sum {
        struct Term {
            std::uint8_t place = 0, shift = 0;
        };
        std::array<Term, 2> terms{};
        std::uint8_t count = 0;
        std::int64_t constant = 0;
    };

    bool looks = false;                  // the rest is of loops that fill or copy, but for these three and `last`
    std::uint16_t length = 0;            // instructions in a turn
    std::uint8_t loads = 0, stores = 0;  // in a turn
    std::uint8_t size = 0;               // of an element, in bytes
    bool copies = false;                 // or else fills
    bool upwards = true;
    Op load = Op::illegal;  // which load an element is read with
    Sum from, to;           // addresses of the element
    std::array<Place, MAX_PLACES> places{};
    std::uint8_t place_count = 0;
    // A turn is whole while `first` stands to `second` as a taken branch of this kind would have it. One of them steps.
    Op goes_on = Op::illegal;
    Sum first, second;
    std::int64_t counter_step = 0;  // of first - second
    Op last = Op::illegal;          // the instruction that goes back: this branch, or jal
};

/// The loop that these instructions are, the last of which goes back to the first; nothing if they are another.
std::optional<MemoryLoop> recognise_memory_loop(const Instruction* turn, std::size_t count);

/// About to go back for another turn: does as many turns as are plain, perhaps none. What the ledger is after them.
Ledger repeat_memory_loop(Hart& hart, const MemoryLoop& loop, Ledger ledger);

}  // namespace hartlab
