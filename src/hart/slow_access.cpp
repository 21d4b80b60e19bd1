// What an instruction does off the hot path: accesses that are no hits, and illegal instructions.
#include "hart/hart.hpp"

namespace hartlab {

Completion Hart::load_slow(const Slot& i, std::uint64_t va, unsigned size, std::uint64_t& value) {
    locate(i);
    const unsigned length = i.length;  // A and D may be set in a PTE that is also this instruction
    if (!mmu.load_slow(va, size, value)) return memory_fault();
    return after_slow(length);
}

Completion Hart::store_slow(const Slot& i, std::uint64_t va, unsigned size, std::uint64_t value) {
    locate(i);
    const unsigned length = i.length;  // the store may overwrite its own instruction
    if (!mmu.store_slow(va, size, value)) return memory_fault();
    return after_slow(length);
}

/// The access may have changed what the rest of the block stands on: then execution goes on from `state`.
Completion Hart::after_slow(unsigned length) {
    const bool dropped = mmu.take_code_dropped(), changed = code_->take_changed();
    if (!dropped && !changed && !look_up_ && !mmu.watch_hit()) return Completion::done;
    ++state.retired;
    state.pc += length;
    return Completion::moved_on;
}

Completion Hart::illegal(const Slot& i) {
    locate(i);
    const std::uint32_t bits = page_ ? page_->decode((state.pc & (PGSIZE - 1)) / 2).bits : lone_instruction_.bits;
    return raise({Cause::illegal_instruction, bits});
}

}  // namespace hartlab
