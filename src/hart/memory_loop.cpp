#include "hart/memory_loop.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

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

/// Offset from a base register as it is when the turn begins, of an access that comes behind or before its step.
std::int32_t from_turn_begin(const MemoryLoop& loop, std::uint8_t base, std::int32_t imm) {
    const MemoryLoop::Step* step = loop.step_of(base);
    return step ? imm + step->by : imm;
}

}  // namespace

std::optional<MemoryLoop> recognise_memory_loop(const Instruction* block, std::size_t count) {
    constexpr std::size_t MAX_LENGTH = 8;
    if (count < 3 || count > MAX_LENGTH) return std::nullopt;
    MemoryLoop loop;
    loop.length = static_cast<std::uint16_t>(count);
    std::uint8_t loaded = 0;
    for (std::size_t n = 0; n + 1 < count; ++n) {
        const Instruction& i = block[n];
        if (i.op == Op::addi || i.op == Op::addiw) {
            if (i.rd != i.rs1 || i.rd == 0 || loop.step_of(i.rd) || loop.step_count == MemoryLoop::MAX_STEPS) {
                return std::nullopt;
            }
            loop.steps[loop.step_count++] = {i.rd, i.op == Op::addiw, i.imm};
        } else if (const std::uint8_t size = load_size(i.op)) {
            if (loop.copies || loop.size != 0 || i.rd == 0) return std::nullopt;  // one load, in front of the store
            loop.copies = true;
            loop.load = i.op;
            loaded = i.rd;
            loop.load_base = i.rs1;
            loop.load_offset = from_turn_begin(loop, i.rs1, i.imm);
            loop.value = i.rd;
            if (size > 8) return std::nullopt;
        } else if (const std::uint8_t stored = store_size(i.op)) {
            if (loop.size != 0 || (loop.copies && (i.rs2 != loaded || stored != load_size(loop.load))))
                return std::nullopt;
            loop.size = stored;
            loop.value = i.rs2;
            loop.store_base = i.rs1;
            loop.store_offset = from_turn_begin(loop, i.rs1, i.imm);
        } else {
            return std::nullopt;
        }
    }
    const Instruction& branch = block[count - 1];
    loop.branch = branch.op;
    loop.rs1 = branch.rs1;
    loop.rs2 = branch.rs2;
    if (loop.size == 0 || !counts_turns(branch.op)) return std::nullopt;

    // Both pointers step by one element, upwards or downwards, with the whole register.
    const auto steps_by_element = [&loop](std::uint8_t base) {
        const MemoryLoop::Step* step = loop.step_of(base);
        return step && !step->word && (step->by == loop.size || step->by == -loop.size);
    };
    if (!steps_by_element(loop.store_base)) return std::nullopt;
    if (loop.copies) {
        if (!steps_by_element(loop.load_base)) return std::nullopt;
        if (loop.step_of(loop.load_base)->by != loop.step_of(loop.store_base)->by) return std::nullopt;
        // The register that carries the element takes part in nothing else.
        if (loop.step_of(loaded) || loaded == loop.load_base || loaded == loop.store_base || loaded == loop.rs1 ||
            loaded == loop.rs2) {
            return std::nullopt;
        }
    } else if (loop.step_of(loop.value)) {
        return std::nullopt;
    }
    // One side of the comparison steps, the other stands still; a 32-bit step only counts down to zero.
    const MemoryLoop::Step *first = loop.step_of(loop.rs1), *second = loop.step_of(loop.rs2);
    if ((first != nullptr) == (second != nullptr)) return std::nullopt;
    const MemoryLoop::Step& stepping = first ? *first : *second;
    const std::uint8_t other = first ? loop.rs2 : loop.rs1;
    if (stepping.by == 0 || (stepping.word && (loop.branch != Op::bne || other != 0))) return std::nullopt;
    if (loop.branch != Op::bne && (!first || stepping.by < 0)) return std::nullopt;
    return loop;
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
    const bool upwards = loop.step_of(loop.store_base)->by > 0;
    const std::uint64_t store_va =
        state.x[loop.store_base] + static_cast<std::uint64_t>(std::int64_t{loop.store_offset});
    const std::uint64_t load_va = state.x[loop.load_base] + static_cast<std::uint64_t>(std::int64_t{loop.load_offset});

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
