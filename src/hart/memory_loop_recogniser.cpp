// Tells memory loops from others by following one turn with symbols in place of values. A turn is plain if each place that it
// reads before it writes ends as what it was plus a constant, and everything else follows from such places.
#include <algorithm>

#include "hart/memory_loop.hpp"

namespace hartlab {

namespace {

/// Bytes that a load moves, 0 if it is none of an integer; a store likewise.
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

std::uint8_t store_size(Op op) {
    switch (op) {
    case Op::sb: return 1;
    case Op::sh: return 2;
    case Op::sw: return 4;
    case Op::sd: return 8;
    default: return 0;
    }
}

/// Whether the result depends on the operands alone: the integer instructions that neither jump nor touch memory or CSRs.
bool is_pure(const Instruction& i) {
    const InstructionInfo& info = instruction_info(i.op);
    if (info.extension == Extension::M) return true;
    if (info.extension != Extension::I) return false;
    switch (info.format) {
    case Format::immediate:
    case Format::shift:
    case Format::shift_word:
    case Format::reg:
    case Format::upper: return true;
    default: return false;
    }
}

bool reads_rs2(Op op) { return instruction_info(op).format == Format::reg; }

using Places = std::uint32_t;  // a set of them, by number

/// What is known of a value in the middle of a turn.
struct Value {
    enum class Kind : std::uint8_t {
        sum,      // of places and a constant
        other,    // some function of places, which must therefore stand still
        element,  // what was loaded
    };
    Kind kind = Kind::sum;
    MemoryLoop::Sum sum;
    Places of = 0;  // the places it depends on

    static Value constant(std::int64_t c) {
        Value v;
        v.sum.constant = c;
        return v;
    }
    static Value function_of(Places of) {
        Value v;
        v.kind = Kind::other;
        v.of = of;
        return v;
    }
};

class Recogniser {
public:
    explicit Recogniser(const Instruction* block, std::size_t count) {
        for (std::size_t n = 0; n + 1 < count; ++n) written_registers_ |= 1u << block[n].rd;
        for (std::size_t n = 0; n + 1 < count && fits_; ++n) take(block[n]);
        if (fits_) take_last(block[count - 1]);
        if (fits_) finish(count);
    }

    std::optional<MemoryLoop> loop() const { return fits_ ? std::optional(loop_) : std::nullopt; }

private:
    struct State {
        bool read_first = false, written = false;
        Value now;
    };
    void give_up() { fits_ = false; }

    // -- places -----------------------------------------------------------------------------------------------------------
    std::size_t add_place(const MemoryLoop::Place& place) {
        if (loop_.place_count == MemoryLoop::MAX_PLACES) {
            give_up();
            return 0;
        }
        loop_.places[loop_.place_count] = place;
        return loop_.place_count++;
    }
    std::size_t register_place(std::uint8_t reg) {
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            if (!loop_.places[p].slot && loop_.places[p].reg == reg) return p;
        }
        return add_place({.reg = reg});
    }
    std::size_t slot_place(std::uint8_t base, std::int32_t offset, std::uint8_t size) {
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            const MemoryLoop::Place& place = loop_.places[p];
            if (!place.slot || place.reg != base) continue;
            if (place.offset == offset && place.size == size) return p;
            if (place.offset < offset + size && offset < place.offset + place.size) give_up();  // they overlap
        }
        return add_place({.slot = true, .reg = base, .size = size, .offset = offset});
    }
    Value read(std::size_t place) {
        State& state = states_[place];
        if (!state.written && !state.read_first) {
            state.read_first = true;
            state.now.sum = {.terms = {{{static_cast<std::uint8_t>(place), 0}}}, .count = 1};
            state.now.of = Places{1} << place;
        }
        return state.now;
    }
    void write(std::size_t place, const Value& value) {
        states_[place].written = true;
        states_[place].now = value;
    }
    Value reg(std::uint8_t number) { return number == 0 ? Value() : read(register_place(number)); }
    void set(std::uint8_t number, const Value& value) {
        if (number != 0) write(register_place(number), value);
    }

    // -- arithmetic -------------------------------------------------------------------------------------------------------
    Value sum(Value a, const Value& b) {
        if (a.kind == Value::Kind::element || b.kind == Value::Kind::element) {
            const bool moves = b.kind == Value::Kind::sum && b.sum.count == 0 && b.sum.constant == 0;
            if (!moves) give_up();
            return a;
        }
        const Places of = a.of | b.of;
        if (a.kind != Value::Kind::sum || b.kind != Value::Kind::sum || a.sum.count + b.sum.count > 2) {
            return Value::function_of(of);
        }
        for (std::size_t t = 0; t < b.sum.count; ++t) a.sum.terms[a.sum.count++] = b.sum.terms[t];
        a.sum.constant = wrapping_sum(a.sum.constant, b.sum.constant);
        a.of = of;
        return a;
    }
    Value shifted(Value v, std::int32_t by) {
        if (v.kind != Value::Kind::sum) return function(v);
        for (std::size_t t = 0; t < v.sum.count; ++t) {
            if (v.sum.terms[t].shift + by > 63) return function(v);
            v.sum.terms[t].shift = static_cast<std::uint8_t>(v.sum.terms[t].shift + by);
        }
        v.sum.constant = static_cast<std::int64_t>(static_cast<std::uint64_t>(v.sum.constant) << by);
        return v;
    }
    /// A sum whose low 32 bits are taken and extended: the same number, provided that it does not wrap.
    Value narrowed(const Value& v, bool never_negative = false) {
        constexpr std::int64_t FAR = 1 << 20;
        if (v.kind != Value::Kind::sum) return function(v);
        const MemoryLoop::Sum& s = v.sum;
        const bool plain = s.count == 1 && s.terms[0].shift == 0 && s.constant > -FAR && s.constant < FAR;
        if (!plain) return function(v);
        MemoryLoop::Place& place = loop_.places[s.terms[0].place];
        place.narrow = true;
        place.never_negative |= never_negative;
        place.low = std::min(place.low, s.constant);
        place.high = std::max(place.high, s.constant);
        return v;
    }
    Value function(const Value& v) {
        if (v.kind == Value::Kind::element) give_up();
        return Value::function_of(v.of);
    }
    static std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    }

    // -- instructions -----------------------------------------------------------------------------------------------------
    void take(const Instruction& i) {
        switch (i.op) {
        case Op::addi: return set(i.rd, sum(reg(i.rs1), Value::constant(i.imm)));
        case Op::addiw: return set(i.rd, narrowed(sum(reg(i.rs1), Value::constant(i.imm))));
        case Op::add: return set(i.rd, sum(reg(i.rs1), reg(i.rs2)));
        case Op::addw: return set(i.rd, narrowed(sum(reg(i.rs1), reg(i.rs2))));
        case Op::slli: return set(i.rd, shifted(reg(i.rs1), i.imm));
        case Op::lui: return set(i.rd, Value::constant(i.imm));
        case Op::beq: return take_test(i, Op::bne);
        case Op::bge: return take_test(i, Op::blt);
        case Op::bgeu: return take_test(i, Op::bltu);
        case Op::blt: return take_test(i, Op::bge);
        case Op::bltu: return take_test(i, Op::bgeu);
        case Op::jal: return i.rd == 0 && i.imm == i.length ? void() : give_up();  // to the next instruction
        default: break;
        }
        if (const std::uint8_t size = load_size(i.op)) return take_load(i, size);
        if (const std::uint8_t size = store_size(i.op)) return take_store(i, size);
        if (!is_pure(i)) return give_up();
        const bool upper = instruction_info(i.op).format == Format::upper;
        const Places of = upper ? 0 : function(reg(i.rs1)).of | (reads_rs2(i.op) ? function(reg(i.rs2)).of : 0);
        set(i.rd, Value::function_of(of));
    }

    /// An access whose base the loop writes is to the element; another is to a slot, at the same address in each turn.
    bool is_element(const Instruction& i) const { return written_registers_ & (1u << i.rs1) & ~1u; }

    void take_load(const Instruction& i, std::uint8_t size) {
        ++loop_.loads;
        if (!is_element(i)) return set(i.rd, load_slot(i, size));
        if (loop_.copies || loop_.size != 0 || i.rd == 0) return give_up();  // one load, in front of the store
        loop_.copies = true;
        loop_.load = i.op;
        element_size_ = size;
        loop_.from = address(i);
        Value element;
        element.kind = Value::Kind::element;
        set(i.rd, element);
    }
    Value load_slot(const Instruction& i, std::uint8_t size) {
        const std::size_t p = slot_place(i.rs1, i.imm, size);
        MemoryLoop::Place& place = loop_.places[p];
        // Read with and without its sign, it must have none.
        if (place.loaded && place.load != i.op) place.never_negative = true;
        place.loaded = true;
        place.load = i.op;
        const Value value = read(p);
        if (size == 8) return value;
        return size == 4 ? narrowed(value, i.op == Op::lwu) : function(value);
    }
    void take_store(const Instruction& i, std::uint8_t size) {
        ++loop_.stores;
        const Value value = reg(i.rs2);
        if (!is_element(i)) {
            if (size < 4 || value.kind == Value::Kind::element) return give_up();
            const std::size_t p = slot_place(i.rs1, i.imm, size);
            loop_.places[p].stored = true;
            return write(p, size == 8 ? value : narrowed(value));
        }
        if (loop_.size != 0) return give_up();
        loop_.size = size;
        loop_.to = address(i);
        stored_ = value;
        if (loop_.copies && (value.kind != Value::Kind::element || size != element_size_)) give_up();
    }
    MemoryLoop::Sum address(const Instruction& i) {
        const Value value = sum(reg(i.rs1), Value::constant(i.imm));
        if (value.kind != Value::Kind::sum) give_up();
        return value.sum;
    }

    /// A branch that leaves the loop, which goes on as though the opposite one were taken.
    void take_test(const Instruction& branch, Op goes_on) {
        if (branch.imm < 0 || loop_.goes_on != Op::illegal) return give_up();
        loop_.goes_on = goes_on;
        first_ = reg(branch.rs1);
        second_ = reg(branch.rs2);
    }
    void take_last(const Instruction& i) {
        loop_.last = i.op;
        if (i.op == Op::jal) return i.rd == 0 ? void() : give_up();
        const bool tests =
            i.op == Op::bne || i.op == Op::blt || i.op == Op::bltu || i.op == Op::bge || i.op == Op::bgeu;
        if (!tests || loop_.goes_on != Op::illegal) return give_up();
        loop_.goes_on = i.op;
        first_ = reg(i.rs1);
        second_ = reg(i.rs2);
    }

    // -- the turn as a whole ----------------------------------------------------------------------------------------------
    void finish(std::size_t count) {
        if (loop_.size == 0 || loop_.goes_on == Op::illegal) return give_up();
        find_steps();
        if (!fits_) return;
        const std::int64_t step = step_of(loop_.to);
        loop_.upwards = step > 0;
        if (step != loop_.size && step != -loop_.size) return give_up();
        if (loop_.copies ? step_of(loop_.from) != step : step_of(stored_) != 0) return give_up();
        finish_test();
        loop_.length = static_cast<std::uint16_t>(count);
    }
    /// One side steps, towards the other where an order decides: then neither wraps before the test ends the loop.
    void finish_test() {
        if (first_.kind != Value::Kind::sum || second_.kind != Value::Kind::sum) return give_up();
        loop_.first = first_.sum;
        loop_.second = second_.sum;
        const std::int64_t first = step_of(loop_.first), second = step_of(loop_.second);
        loop_.counter_step = first - second;
        const bool rises = loop_.goes_on == Op::blt || loop_.goes_on == Op::bltu;
        const bool falls = loop_.goes_on == Op::bge || loop_.goes_on == Op::bgeu;
        if ((first != 0) == (second != 0)) return give_up();
        if ((rises && loop_.counter_step < 0) || (falls && loop_.counter_step > 0)) return give_up();
    }

    void find_steps() {
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            const State& state = states_[p];
            if (!state.read_first || !state.written) continue;
            const MemoryLoop::Sum& end = state.now.sum;
            const bool steps = state.now.kind == Value::Kind::sum && end.count == 1 && end.terms[0].place == p &&
                               end.terms[0].shift == 0;
            if (!steps) return give_up();
            loop_.places[p].step = end.constant;
        }
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            const State& state = states_[p];
            if (state.read_first || !state.written) continue;
            loop_.places[p].element = state.now.kind == Value::Kind::element;
            if (!loop_.places[p].element) loop_.places[p].step = step_of(state.now);
        }
    }

    std::int64_t step_of(const MemoryLoop::Sum& sum) const {
        std::uint64_t step = 0;
        for (std::size_t t = 0; t < sum.count; ++t) {
            step += static_cast<std::uint64_t>(loop_.places[sum.terms[t].place].step) << sum.terms[t].shift;
        }
        return static_cast<std::int64_t>(step);
    }
    std::int64_t step_of(const Value& value) {
        if (value.kind == Value::Kind::sum) return step_of(value.sum);
        if (value.kind == Value::Kind::element) give_up();
        for (std::size_t p = 0; p < loop_.place_count; ++p) {
            if ((value.of >> p & 1) && loop_.places[p].step != 0) give_up();
        }
        return 0;
    }

    MemoryLoop loop_;
    std::array<State, MemoryLoop::MAX_PLACES> states_{};
    Value stored_, first_, second_;
    std::uint32_t written_registers_ = 0;
    std::uint8_t element_size_ = 0;
    bool fits_ = true;
};

/// A loop that only looks: it stores nothing, and computes every register that it writes anew in each turn.
std::optional<MemoryLoop> recognise_looking_loop(const Instruction* turn, std::size_t count) {
    MemoryLoop loop;
    loop.looks = true;
    loop.length = static_cast<std::uint16_t>(count);
    loop.last = turn[count - 1].op;
    std::uint32_t written = 0, computed = 1;  // registers; x0 is always known
    for (std::size_t n = 0; n + 1 < count; ++n) written |= 1u << turn[n].rd;
    const auto is_known = [&](std::uint8_t reg) { return (written & ~computed & 1u << reg) == 0; };
    for (std::size_t n = 0; n + 1 < count; ++n) {
        const Instruction& i = turn[n];
        if (i.op == Op::fence) continue;  // among them pause
        const bool loads = load_size(i.op) != 0, reads_rs1 = instruction_info(i.op).format != Format::upper;
        if (!loads && !is_pure(i)) return std::nullopt;
        if ((reads_rs1 && !is_known(i.rs1)) || (reads_rs2(i.op) && !is_known(i.rs2))) return std::nullopt;
        loop.loads = static_cast<std::uint8_t>(loop.loads + loads);
        computed |= 1u << i.rd;
    }
    // Whatever else has a near form is a branch, and all that it reads has been computed by then.
    return loop.last == Op::jal && turn[count - 1].rd != 0 ? std::nullopt : std::optional(loop);
}

}  // namespace

std::optional<MemoryLoop> recognise_memory_loop(const Instruction* turn, std::size_t count) {
    if (count > MemoryLoop::MAX_LENGTH) return std::nullopt;
    if (count >= 3) {
        if (const auto loop = Recogniser(turn, count).loop()) return loop;
    }
    return recognise_looking_loop(turn, count);
}

}  // namespace hartlab
