// Which piece of hart/threaded_loop.cpp executes what, as offsets that fit in a Slot.
#pragma once

#include <cstdint>

#include "hart/isa/instruction.hpp"

namespace hartlab {

/// What a slot may hold beside an instruction.
enum class Handler : std::uint8_t {
    undecoded,    // decode the block that begins here
    leave,        // give control back, with pc here: the next page, or an instruction across two
    memory_loop,  // a branch that ends a turn of a MemoryLoop
};

/// `length` is that of the instruction: 2 or 4 bytes.
std::int32_t handler_of(Op op, unsigned length);
std::int32_t handler_of(Handler handler);
/// Branches and jal whose target lies in the same page go to its slot without looking it up.
bool has_near_form(Op op);
/// Precondition: has_near_form(op).
std::int32_t handler_of_near(Op op, unsigned length);

}  // namespace hartlab
