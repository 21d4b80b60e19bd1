#include "hart/memory_loop.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "hart/hart.hpp"
#include "mmu/fast_path.hpp"

namespace hartlab {

namespace {

std::uint8_t store_size(Op op) {
    switch (op) {
    case Op::sb: return 1;
    case Op::sh: return 2;
    case Op::sw: return 4;
    case Op::sd: return 8;
    default: return 0;
    }
}

std::uint8_t load_size(Op op) {
    switch (op) {
    case Op::lb:
    case Op::lbu: return 1;
    case Op::lh:
    case Op::lhu: return 2;
    case Op::lw:
    case Op::lwu: return 4;
    case Op::ld: return 8;
    default: return 0;
    }
}

bool counts_turns(Op op) { return op == Op::bne || op == Op::bltu || op == Op::blt; }

/// Reads a turn instruction by instruction; what it says of the loop holds if each of them was understood.
class Recogniser {
public:
    /// False when the instruction has no place in such a loop.
    bool take(const Instruction& i) {
        if (i.op == Op::addi || i.op == Op::addiw) return take_step(i);
        if (i.op == Op::add) return take_sum(i);
        if (const std::uint8_t size = load_size(i.op)) return take_load(i, size);
        if (const std::uint8_t size = store_size(i.op)) return take_store(i, size);
        return false;
    }

    std::optional<MemoryLoop> finish(const Instruction& branch, std::size_t count) {
        loop_.length = static_cast<std::uint16_t>(count);
        loop_.branch = branch.op;
        loop_.rs1 = branch.rs1;
        loop_.rs2 = branch.rs2;
        const bool sum_used = loop_.from.sum == sum_.sum || loop_.to.sum == sum_.sum;
        if (loop_.size == 0 || !sum_used || !counts_turns(branch.op) || !accesses_step() || !counter_steps())
            return std::nullopt;
        return loop_;
    }

private:
    bool take_step(const Instruction& i) {
        if (i.rd != i.rs1 || i.rd == 0 || i.rd == sum_.sum || loop_.step_of(i.rd)) return false;
        if (loop_.step_count == MemoryLoop::MAX_STEPS) return false;
        loop_.steps[loop_.step_count++] = {i.rd, i.op == Op::addiw, i.imm};
        return true;
    }

    bool take_sum(const Instruction& i) {
        if (sum_.sum != 0 || i.rd == 0 || i.rd == i.rs1 || i.rd == i.rs2 || loop_.step_of(i.rd)) return false;
        sum_ = {.base = i.rs1, .index = i.rs2, .sum = i.rd};  // which of the two steps is seen at the end
        sums_behind_ = loop_.step_count;
        return true;
    }

    bool take_load(const Instruction& i, std::uint8_t size) {
        if (loop_.copies || loop_.size != 0 || i.rd == 0) return false;  // one load, in front of the store
        loop_.copies = true;
        loop_.load = i.op;
        loop_.from = address(i);
        loop_.value = i.rd;
        loaded_size_ = size;
        sum_is_value_ = i.rd == sum_.sum;
        return true;
    }

    bool take_store(const Instruction& i, std::uint8_t size) {
        if (loop_.size != 0 || (loop_.copies && (i.rs2 != loop_.value || size != loaded_size_))) return false;
        if (sum_is_value_ && i.rs1 == sum_.sum) return false;
        loop_.size = size;
        loop_.value = i.rs2;
        loop_.to = address(i);
        return true;
    }

    /// Of an access: which register steps is settled at the end, and so is what the offset is counted from.
    MemoryLoop::Address address(const Instruction& i) const {
        if (sum_.sum != 0 && i.rs1 == sum_.sum) {
            return {.base = sum_.base, .index = sum_.index, .offset = i.imm, .sum = sum_.sum};
        }
        const MemoryLoop::Step* step = loop_.step_of(i.rs1);
        return {.base = i.rs1, .offset = step ? i.imm + step->by : i.imm};
    }

    /// Both addresses step by one element, upwards or downwards, with the whole register.
    bool accesses_step() {
        if (!settle(loop_.to)) return false;
        if (!loop_.copies) return !written(loop_.value);
        if (!settle(loop_.from)) return false;
        if (loop_.step_of(loop_.from.base)->by != loop_.step_of(loop_.to.base)->by) return false;
        // The register that carries the element takes part in nothing else.
        const std::uint8_t value = loop_.value;
        for (const std::uint8_t other :
             {loop_.from.base, loop_.from.index, loop_.to.base, loop_.to.index, loop_.rs1, loop_.rs2}) {
            if (other == value) return false;
        }
        return !loop_.step_of(value);
    }

    bool settle(MemoryLoop::Address& a) {
        if (a.sum != 0) {
            if (!loop_.step_of(a.base)) std::swap(a.base, a.index);
            const MemoryLoop::Step* step = loop_.step_of(a.base);
            // What was added is the base as the turn began, or as it is behind its step.
            a.sum_offset = step && step - loop_.steps < sums_behind_ ? step->by : 0;
            a.offset += a.sum_offset;
            if (sum_is_value_) a.sum = 0;
        }
        const MemoryLoop::Step* step = loop_.step_of(a.base);
        if (!step || step->word || (step->by != loop_.size && step->by != -loop_.size)) return false;
        return !written(a.index);
    }

    bool written(std::uint8_t reg) const {
        return loop_.step_of(reg) || (reg != 0 && (reg == sum_.sum || (loop_.copies && reg == loop_.value)));
    }

    /// One side of the comparison steps, the other stands still; a 32-bit step only counts down to zero.
    bool counter_steps() const {
        const MemoryLoop::Step *first = loop_.step_of(loop_.rs1), *second = loop_.step_of(loop_.rs2);
        if ((first != nullptr) == (second != nullptr)) return false;
        const MemoryLoop::Step& stepping = first ? *first : *second;
        const std::uint8_t other = first ? loop_.rs2 : loop_.rs1;
        if (written(other) || stepping.by == 0) return false;
        if (stepping.word && (loop_.branch != Op::bne || other != 0)) return false;
        return loop_.branch == Op::bne || (first && stepping.by > 0);
    }

    MemoryLoop loop_;
    MemoryLoop::Address sum_;    // the one `add` of a turn, if there is one
    int sums_behind_ = 0;        // how many of the steps stand in front of it
    bool sum_is_value_ = false;  // the load overwrites it
    std::uint8_t loaded_size_ = 0;
};

}  // namespace

std::optional<MemoryLoop> recognise_memory_loop(const Instruction* block, std::size_t count) {
    constexpr std::size_t MAX_LENGTH = 8;
    if (count < 3 || count > MAX_LENGTH) return std::nullopt;
    Recogniser recogniser;
    for (std::size_t n = 0; n + 1 < count; ++n) {
        if (!recogniser.take(block[n])) return std::nullopt;
    }
    return recogniser.finish(block[count - 1], count);
}

namespace {

constexpr std::uint64_t ENDLESS = std::numeric_limits<std::uint64_t>::max();

/// How many more turns end with the branch taken, given that the one just done did.
std::uint64_t turns_to_come(const MemoryLoop& loop, const HartState& state) {
    const MemoryLoop::Step* first = loop.step_of(loop.rs1);
    const MemoryLoop::Step& step = first ? *first : *loop.step_of(loop.rs2);
    const std::uint64_t stepping = state.x[first ? loop.rs1 : loop.rs2], bound = state.x[first ? loop.rs2 : loop.rs1];
    const std::uint64_t stride = static_cast<std::uint64_t>(std::abs(std::int64_t{step.by}));
    if (loop.branch != Op::bne) return (bound - stepping - 1) / stride;  // upwards, while less: signed or not
    std::uint64_t distance = step.by > 0 ? bound - stepping : stepping - bound;
    if (step.word) distance &= 0xffff'ffff;
    if (distance % stride != 0) return step.word ? 0 : ENDLESS;  // it passes the bound by
    return distance / stride - 1;
}

/// How many elements lie in the page of `va`, from it on in the direction of the loop.
std::uint64_t elements_in_page(std::uint64_t va, std::uint64_t size, bool upwards) {
    const std::uint64_t offset = va & (PGSIZE - 1);
    if (offset + size > PGSIZE) return 0;
    return upwards ? (PGSIZE - offset) / size : offset / size + 1;
}

template <class T>
void fill_elements(std::uint8_t* first, std::uint64_t n, std::uint64_t value) {
    const T element = static_cast<T>(value);
    for (std::uint64_t i = 0; i < n; ++i) std::memcpy(first + i * sizeof(T), &element, sizeof(T));
}

/// One by one in the loop's order, for ranges that overlap.
void copy_elements(std::uint8_t* to, const std::uint8_t* from, std::uint64_t n, std::uint64_t size, bool upwards) {
    for (std::uint64_t i = 0; i < n; ++i) {
        const std::uint64_t at = (upwards ? i : n - 1 - i) * size;
        std::uint64_t element = 0;
        std::memcpy(&element, from + at, size);
        std::memcpy(to + at, &element, size);
    }
}

/// A loaded element as its register holds it.
std::uint64_t extended(Op load, std::uint64_t element) {
    switch (load) {
    case Op::lb: return static_cast<std::uint64_t>(sign_extend(element, 8));
    case Op::lh: return static_cast<std::uint64_t>(sign_extend(element, 16));
    case Op::lw: return static_cast<std::uint64_t>(sign_extend(element, 32));
    default: return element;
    }
}

}  // namespace

Ledger repeat_memory_loop(Hart& hart, const MemoryLoop& loop, Ledger ledger) {
    constexpr std::uint64_t WORTH_IT = 4;
    HartState& state = hart.state;
    const bool upwards = loop.step_of(loop.to.base)->by > 0;
    const std::uint64_t store_va = loop.to.in(state.x), load_va = loop.from.in(state.x);

    std::uint64_t turns = std::min({turns_to_come(loop, state), static_cast<std::uint64_t>(ledger.left) / loop.length,
                                    elements_in_page(store_va, loop.size, upwards)});
    if (loop.copies) turns = std::min(turns, elements_in_page(load_va, loop.size, upwards));
    if (turns < WORTH_IT) return ledger;
    std::uint8_t* const store = hart.mmu.store_pointer(store_va, loop.size);
    const std::uint8_t* const load = loop.copies ? hart.mmu.load_pointer(load_va, loop.size) : nullptr;
    if (!store || (loop.copies && !load)) return ledger;

    const std::uint64_t bytes = turns * loop.size;
    const std::uint64_t back = upwards ? 0 : bytes - loop.size;  // from the first element to the lowest
    std::uint8_t* const to = store - back;
    if (loop.copies) {
        const std::uint8_t* const from = load - back;
        const bool apart = to + bytes <= from || from + bytes <= to;
        if (apart)
            std::memcpy(to, from, bytes);
        else
            copy_elements(to, from, turns, loop.size, upwards);
        // What the last turn stored is what it loaded.
        std::uint64_t element = 0;
        std::memcpy(&element, upwards ? to + bytes - loop.size : to, loop.size);
        state.x[loop.value] = extended(loop.load, element);
        ledger.loads += turns;
    } else {
        const std::uint64_t value = state.x[loop.value];
        switch (loop.size) {
        case 1: std::memset(to, static_cast<int>(value & 0xff), bytes); break;
        case 2: fill_elements<std::uint16_t>(to, turns, value); break;
        case 4: fill_elements<std::uint32_t>(to, turns, value); break;
        default: fill_elements<std::uint64_t>(to, turns, value); break;
        }
    }
    for (const MemoryLoop::Address& a : {loop.from, loop.to}) {
        if (a.sum == 0) continue;
        const std::int64_t last_turn = loop.step_of(a.base)->by * static_cast<std::int64_t>(turns - 1) + a.sum_offset;
        state.x[a.sum] = state.x[a.base] + state.x[a.index] + static_cast<std::uint64_t>(last_turn);
    }
    ledger.stores += turns;
    ledger.left -= static_cast<std::int64_t>(turns * loop.length);
    for (int i = 0; i < loop.step_count; ++i) {
        const MemoryLoop::Step& step = loop.steps[i];
        std::uint64_t& x = state.x[step.reg];
        x += turns * static_cast<std::uint64_t>(std::int64_t{step.by});
        if (step.word) x = sext32(x);
    }
    return ledger;
}

}  // namespace hartlab
