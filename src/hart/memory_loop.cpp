#include "hart/memory_loop.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "hart/hart.hpp"
#include "mmu/fast_path.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t WORTH_IT = 4;
constexpr std::uint64_t ENDLESS = std::numeric_limits<std::uint64_t>::max();

std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::uint64_t magnitude(std::int64_t value) { return value < 0 ? 0 - as_unsigned(value) : as_unsigned(value); }

/// How many whole turns there are, from what the test compares in the first of them.
std::uint64_t turns_to_come(const MemoryLoop& loop, std::uint64_t first, std::uint64_t second) {
    const std::uint64_t stride = magnitude(loop.counter_step);
    const auto less = [&loop](std::uint64_t a, std::uint64_t b) {
        const bool is_signed = loop.goes_on == Op::blt || loop.goes_on == Op::bge;
        return is_signed ? static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b) : a < b;
    };
    switch (loop.goes_on) {
    case Op::blt:
    case Op::bltu: return less(first, second) ? (second - first - 1) / stride + 1 : 0;
    case Op::bge:
    case Op::bgeu: return less(first, second) ? 0 : (first - second) / stride + 1;
    default: {
        const std::uint64_t distance = loop.counter_step > 0 ? second - first : first - second;
        return distance % stride != 0 ? ENDLESS : distance / stride;  // it may pass the bound by
    }
    }
}

/// How many turns can begin before 32-bit arithmetic on a place wraps, whose value is `value` now.
std::uint64_t turns_without_wrapping(const MemoryLoop::Place& place, std::uint64_t value) {
    constexpr std::int64_t INT32_LEAST = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t INT32_MOST = std::numeric_limits<std::int32_t>::max();
    const std::int64_t least = (place.never_negative ? 0 : INT32_LEAST) - place.low, most = INT32_MOST - place.high;
    const auto now = static_cast<std::int64_t>(value);
    if (now < least || now > most) return 0;
    if (place.step == 0) return ENDLESS;
    return as_unsigned(place.step > 0 ? most - now : now - least) / magnitude(place.step) + 1;
}

/// How many elements lie in the page of `va`, from it on in the direction of the loop.
std::uint64_t elements_in_page(std::uint64_t va, std::uint64_t size, bool upwards) {
    const std::uint64_t offset = va & (PGSIZE - 1);
    if (offset + size > PGSIZE) return 0;
    return upwards ? (PGSIZE - offset) / size : offset / size + 1;
}

/// Repeats the element at `first`, as often as there is room.
template <class T>
void fill_elements(std::uint8_t* first, std::uint64_t n, const std::uint8_t* value) {
    T element;
    std::memcpy(&element, value, sizeof element);
    for (std::uint64_t i = 0; i < n; ++i) std::memcpy(first + i * sizeof(T), &element, sizeof(T));
}

void fill(std::uint8_t* to, std::uint64_t n, std::uint64_t size, const std::uint8_t* value) {
    switch (size) {
    case 1: std::memset(to, *value, n); break;
    case 2: fill_elements<std::uint16_t>(to, n, value); break;
    case 4: fill_elements<std::uint32_t>(to, n, value); break;
    default: fill_elements<std::uint64_t>(to, n, value); break;
    }
}

/// One by one in the loop's order, for ranges that overlap.
template <class T>
void copy_elements(std::uint8_t* to, const std::uint8_t* from, std::uint64_t n, bool upwards) {
    for (std::uint64_t i = 0; i < n; ++i) {
        const std::uint64_t at = (upwards ? i : n - 1 - i) * sizeof(T);
        T element;
        std::memcpy(&element, from + at, sizeof element);
        std::memcpy(to + at, &element, sizeof element);
    }
}

void copy(std::uint8_t* to, const std::uint8_t* from, std::uint64_t n, std::uint64_t size, bool upwards) {
    const std::uint64_t bytes = n * size;
    if (to + bytes <= from || from + bytes <= to) {
        std::memcpy(to, from, bytes);
        return;
    }
    switch (size) {
    case 1: return copy_elements<std::uint8_t>(to, from, n, upwards);
    case 2: return copy_elements<std::uint16_t>(to, from, n, upwards);
    case 4: return copy_elements<std::uint32_t>(to, from, n, upwards);
    default: return copy_elements<std::uint64_t>(to, from, n, upwards);
    }
}

/// What a load makes of the bytes that it reads.
std::uint64_t loaded(Op load, const std::uint8_t* bytes, std::uint64_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, size);
    switch (load) {
    case Op::lb: return static_cast<std::uint64_t>(sign_extend(value, 8));
    case Op::lh: return static_cast<std::uint64_t>(sign_extend(value, 16));
    case Op::lw: return static_cast<std::uint64_t>(sign_extend(value, 32));
    default: return value;
    }
}

/// The turns that are about to be done, with where everything is that they touch.
class Repetition {
public:
    Repetition(Hart& hart, const MemoryLoop& loop) : hart_(hart), loop_(loop), x_(hart.state.x) {}

    /// How many turns are plain; 0 if the loop has to go on by itself.
    std::uint64_t plain_turns(const Ledger& ledger) {
        turns_ = as_unsigned(ledger.left) / loop_.length;
        if (turns_ < WORTH_IT || !find_places()) return 0;
        turns_ = std::min(turns_, turns_to_come(loop_, value_of(loop_.first), value_of(loop_.second)));
        const std::uint64_t to = value_of(loop_.to), from = loop_.copies ? value_of(loop_.from) : to;
        turns_ = std::min({turns_, elements_in_page(to, loop_.size, loop_.upwards),
                           elements_in_page(from, loop_.size, loop_.upwards)});
        if (turns_ < WORTH_IT || !find_elements(to, from) || !apart()) return 0;
        return turns_;
    }

    void perform() {
        if (loop_.copies)
            copy(to_, from_, turns_, loop_.size, loop_.upwards);
        else
            fill(to_, turns_, loop_.size, previous_);
        // What the last turn stored is what it loaded.
        const std::uint8_t* last = loop_.upwards ? to_ + (turns_ - 1) * loop_.size : to_;
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            const MemoryLoop::Place& place = loop_.places[p];
            if (place.element) x_[place.reg] = loaded(loop_.load, last, loop_.size);
            if (place.step == 0) continue;
            const std::uint64_t value = values_[p] + turns_ * as_unsigned(place.step);
            if (place.slot)
                std::memcpy(slots_[p], &value, place.size);
            else
                x_[place.reg] = value;
        }
    }

private:
    /// What the places hold. False when a slot is no hit, or a place is about to wrap.
    bool find_places() {
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            const MemoryLoop::Place& place = loop_.places[p];
            if (place.slot && !find_slot(p)) return false;
            if (!place.slot) values_[p] = x_[place.reg];
            if (place.narrow && (place.step != 0 || place.never_negative))
                turns_ = std::min(turns_, turns_without_wrapping(place, values_[p]));
        }
        return true;
    }
    bool find_slot(std::size_t p) {
        const MemoryLoop::Place& place = loop_.places[p];
        const std::uint64_t va = x_[place.reg] + as_unsigned(place.offset);
        const std::uint8_t* const load = hart_.mmu.load_pointer(va, place.size);
        const std::uint8_t* const store = hart_.mmu.store_pointer(va, place.size);
        if ((place.loaded && !load) || (place.stored && !store)) return false;
        slots_[p] = const_cast<std::uint8_t*>(place.stored ? store : load);
        values_[p] = loaded(place.loaded || place.size == 8 ? place.load : Op::lw, slots_[p], place.size);
        return true;
    }

    std::uint64_t value_of(const MemoryLoop::Sum& sum) const {
        std::uint64_t value = as_unsigned(sum.constant);
        for (std::size_t t = 0; t < sum.count; ++t) value += values_[sum.terms[t].place] << sum.terms[t].shift;
        return value;
    }

    /// Host addresses of the elements. The one that the last turn stored says what a loop fills with.
    bool find_elements(std::uint64_t to, std::uint64_t from) {
        const std::uint64_t step = loop_.upwards ? loop_.size : 0 - std::uint64_t{loop_.size};
        const std::uint64_t back = loop_.upwards ? 0 : (turns_ - 1) * loop_.size;  // from the first to the lowest
        std::uint8_t* const store = hart_.mmu.store_pointer(to, loop_.size);
        const std::uint8_t* const load = loop_.copies ? hart_.mmu.load_pointer(from, loop_.size) : store;
        previous_ = hart_.mmu.store_pointer(to - step, loop_.size);
        if (!store || !load || !previous_) return false;
        to_ = store - back;
        from_ = load - back;
        return true;
    }

    /// Whether no slot lies in another, or in the elements: then each turn finds its slots as the one before has left them.
    bool apart() const {
        const std::uint64_t bytes = turns_ * loop_.size;
        const auto overlap = [](const std::uint8_t* a, std::uint64_t a_size, const std::uint8_t* b,
                                std::uint64_t b_size) { return a < b + b_size && b < a + a_size; };
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            const MemoryLoop::Place& place = loop_.places[p];
            if (!place.slot) continue;
            if (overlap(slots_[p], place.size, to_, bytes) || overlap(slots_[p], place.size, previous_, loop_.size)) {
                return false;
            }
            if (place.stored && overlap(slots_[p], place.size, from_, bytes)) return false;
            for (std::size_t q = 0; q < p; ++q) {
                if (loop_.places[q].slot && overlap(slots_[p], place.size, slots_[q], loop_.places[q].size))
                    return false;
            }
        }
        return true;
    }

    Hart& hart_;
    const MemoryLoop& loop_;
    std::array<std::uint64_t, 33>& x_;
    std::uint64_t turns_ = 0;
    std::array<std::uint64_t, MemoryLoop::MAX_PLACES> values_{};
    std::array<std::uint8_t*, MemoryLoop::MAX_PLACES> slots_{};
    std::uint8_t* to_ = nullptr;
    const std::uint8_t *from_ = nullptr, *previous_ = nullptr;
};

/// Once a turn has come back to here with nothing but hits, all turns will until the budget ends.
Ledger repeat_looking_loop(Hart& hart, const MemoryLoop& loop, Ledger ledger) {
    if (hart.turn_of == &loop && ledger.loads - hart.loads_before_turn == loop.loads) {
        const std::uint64_t turns = as_unsigned(ledger.left) / loop.length;
        ledger.loads += turns * loop.loads;
        ledger.left -= static_cast<std::int64_t>(turns * loop.length);
    }
    hart.turn_of = &loop;
    hart.loads_before_turn = ledger.loads;
    return ledger;
}

}  // namespace

Ledger repeat_memory_loop(Hart& hart, const MemoryLoop& loop, Ledger ledger) {
    if (loop.looks) return repeat_looking_loop(hart, loop, ledger);
    Repetition repetition(hart, loop);
    const std::uint64_t turns = repetition.plain_turns(ledger);
    // The loop may have been entered in its middle. One turn is left to the instructions, which being plain nothing comes
    // between; after it every register is as a turn leaves it, and so is the element that was stored.
    const bool turned = std::exchange(hart.turn_of, turns == 0 ? nullptr : &loop) == &loop;
    if (turns == 0 || !turned) return ledger;
    hart.turn_of = nullptr;
    repetition.perform();
    ledger.loads += turns * loop.loads;
    ledger.stores += turns * loop.stores;
    ledger.left -= static_cast<std::int64_t>(turns * loop.length);
    return ledger;
}

}  // namespace hartlab
