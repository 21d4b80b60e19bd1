// The hot loop: threaded code over the slots of decoded pages.
//
// A block is paid for when it is entered (left_), so between its instructions nothing is counted or checked: each handler
// ends in a jump to the next slot's. pc and the count of retired instructions exist only as the slot's address and
// left_; whatever needs them calls Hart::locate() first. The loop is left between two instructions or at a fault,
// with `state` complete either way.
#include <array>
#include <type_traits>

#include "hart/handlers.hpp"
#include "hart/hart.hpp"
#include "hart/semantics/atomic.hpp"
#include "hart/semantics/floating.hpp"
#include "hart/semantics/integer.hpp"
#include "hart/semantics/memory.hpp"
#include "hart/semantics/multiply.hpp"
#include "hart/semantics/system.hpp"

namespace hartlab {

namespace {

// Instructions with a second handler, for targets in the same page.
#define HARTLAB_NEAR_FORMS(X) X(jal) X(beq) X(bne) X(blt) X(bge) X(bltu) X(bgeu)

/// Whether an instruction may look at the count of instructions or at pc, or change what the loop stands on.
constexpr bool needs_exact_state(Op op) {
    const InstructionInfo& info = instruction_info(op);
    return op == Op::ecall || op == Op::ebreak || info.extension == Extension::Zicsr ||
           info.extension == Extension::Privileged || info.extension == Extension::A;
}

template <class Function>
struct TakesPc : std::false_type {};
template <class Result>
struct TakesPc<Result (*)(Hart&, const Slot&, std::uint64_t)> : std::true_type {};

/// Calls an instruction's meaning, with its address if it takes one.
template <auto MEANING>
[[gnu::always_inline]] inline auto mean(Hart& hart, const Slot& slot, [[maybe_unused]] std::uint64_t pc) {
    if constexpr (TakesPc<decltype(MEANING)>::value) return MEANING(hart, slot, pc);
    else return MEANING(hart, slot);
}

/// Where execution goes after an instruction.
enum class Step : std::uint8_t {
    next,       // to the next one, in the same block
    untaken,    // to the next one, which begins a block
    jump,       // to `target`
    moved_on,   // to state.pc
    faulted,
};

/// Executes one instruction. Inlined into its handler, where all but the steps that it can take fall away.
template <auto MEANING>
[[gnu::always_inline]] inline Step step(Hart& hart, const Slot& slot, std::uint64_t pc, std::uint64_t& target) {
    using Flow = decltype(mean<MEANING>(hart, slot, pc));
    if constexpr (std::is_same_v<Flow, void>) {
        mean<MEANING>(hart, slot, pc);
        return Step::next;
    } else if constexpr (std::is_same_v<Flow, Taken>) {
        if (mean<MEANING>(hart, slot, pc) == Taken::no) return Step::untaken;
        target = pc + static_cast<std::uint64_t>(std::int64_t{slot.imm});
        return Step::jump;
    } else if constexpr (std::is_same_v<Flow, Target>) {
        target = mean<MEANING>(hart, slot, pc).pc;
        return Step::jump;
    } else if constexpr (std::is_same_v<Flow, Completion>) {
        const Completion completion = mean<MEANING>(hart, slot, pc);
        if (completion == Completion::done) [[likely]] return Step::next;
        return completion == Completion::moved_on ? Step::moved_on : Step::faulted;
    } else {
        const Return there = mean<MEANING>(hart, slot, pc);
        if (!there) return Step::faulted;
        ++hart.state.retired;
        hart.state.pc = there->pc;
        return Step::moved_on;
    }
}

/// Executes a branch or jump whose imm is the distance of its target in slots; whether it goes there.
template <auto MEANING>
[[gnu::always_inline]] inline bool goes_near(Hart& hart, const Slot& slot, std::uint64_t pc) {
    if constexpr (std::is_same_v<decltype(mean<MEANING>(hart, slot, pc)), Taken>) {
        return mean<MEANING>(hart, slot, pc) == Taken::yes;
    } else {
        mean<MEANING>(hart, slot, pc);
        return true;
    }
}

struct Offsets {
    std::array<std::int32_t, OP_COUNT> ops{}, near{};
    std::array<std::int32_t, 2> others{};
};

}  // namespace

/// The loop is asked once, with no slot to enter, where its handlers are.
struct HandlerOffsets {
    static Hart::LoopExit run(Hart* hart, Slot* entry, Offsets* offsets);
    static const Offsets& get() {
        static const Offsets offsets = [] {
            Offsets o;
            run(nullptr, nullptr, &o);
            return o;
        }();
        return offsets;
    }
};

std::int32_t handler_of(Op op) { return HandlerOffsets::get().ops[static_cast<std::size_t>(op)]; }
std::int32_t handler_of(Handler handler) { return HandlerOffsets::get().others[static_cast<std::size_t>(handler)]; }
std::int32_t handler_of_near(Op op) { return HandlerOffsets::get().near[static_cast<std::size_t>(op)]; }

bool has_near_form(Op op) {
    switch (op) {
#define X(identifier) case Op::identifier:
        HARTLAB_NEAR_FORMS(X)
#undef X
        return true;
    default: return false;
    }
}

Hart::LoopExit Hart::run_blocks(Slot* entry) {
    fp::HostFpScope scope(state.csr.fflags);
    host_fp_ = &scope;
    const LoopExit exit = HandlerOffsets::run(this, entry, nullptr);
    host_fp_ = nullptr;
    return exit;
}

Hart::LoopExit HandlerOffsets::run(Hart* hart, Slot* slot, Offsets* offsets) {
#define OFFSET(label) static_cast<std::int32_t>(static_cast<const char*>(&&label) - static_cast<const char*>(&&origin))
    if (offsets) {
        offsets->ops[static_cast<std::size_t>(Op::illegal)] = OFFSET(illegal);
#define X(identifier, mnemonic, match, mask, format, extension) \
    offsets->ops[static_cast<std::size_t>(Op::identifier)] = OFFSET(op_##identifier);
        HARTLAB_INSTRUCTIONS(X)
#undef X
#define X(identifier) offsets->near[static_cast<std::size_t>(Op::identifier)] = OFFSET(near_##identifier);
        HARTLAB_NEAR_FORMS(X)
#undef X
        offsets->others[static_cast<std::size_t>(Handler::undecoded)] = OFFSET(undecoded);
        offsets->others[static_cast<std::size_t>(Handler::leave)] = OFFSET(leave);
        return Hart::LoopExit::boundary;
    }
#undef OFFSET

    Hart& h = *hart;
    std::uint64_t target = 0;
    unsigned length = 0;  // of an instruction that may overwrite itself

#define DISPATCH() goto*(static_cast<const char*>(&&origin) + slot->handler)
#define ENTER_BLOCK()                                          \
    do {                                                       \
        h.left_ -= slot->block;                                \
        if (h.left_ < 0) [[unlikely]] goto out_of_budget;      \
        DISPATCH();                                            \
    } while (0)
#define NEXT_SLOT() slot = reinterpret_cast<Slot*>(reinterpret_cast<char*>(slot) + slot->length * (sizeof(Slot) / 2))

    ENTER_BLOCK();

origin:
undecoded:
    h.page_->decode_block(static_cast<std::size_t>(slot - h.slots_));
    ENTER_BLOCK();

#define X(identifier, mnemonic, match, mask, format, extension)                 \
    op_##identifier:                                                            \
    if constexpr (needs_exact_state(Op::identifier)) {                          \
        h.locate(*slot);                                                        \
        length = slot->length;                                                  \
    }                                                                           \
    switch (step<semantics::identifier>(h, *slot, h.address_of(*slot), target)) { \
    case Step::next:                                                            \
        if constexpr (needs_exact_state(Op::identifier)) goto after_exact;      \
        NEXT_SLOT();                                                            \
        DISPATCH();                                                             \
    case Step::untaken:                                                         \
        NEXT_SLOT();                                                            \
        ENTER_BLOCK();                                                          \
    case Step::jump: goto far;                                                  \
    case Step::moved_on: goto moved_on;                                         \
    case Step::faulted: goto faulted;                                           \
    }
    HARTLAB_INSTRUCTIONS(X)
#undef X

#define X(identifier)                                                                                      \
    near_##identifier:                                                                                     \
    if (goes_near<semantics::identifier>(h, *slot, h.address_of(*slot))) slot += slot->imm;                \
    else NEXT_SLOT();                                                                                      \
    ENTER_BLOCK();
    HARTLAB_NEAR_FORMS(X)
#undef X

illegal:
    h.illegal(*slot);
    goto faulted;

// A jump to `target`, into a page of which the fetch cache knows the decoded code, or out.
far: {
    auto* const page = static_cast<CodePage*>(h.mmu.cached_code(target));
    if (!page) [[unlikely]] {
        h.state.pc = target;
        h.state.retired = h.end_ - static_cast<std::uint64_t>(h.left_);
        return Hart::LoopExit::boundary;
    }
    h.page_ = page;
    h.slots_ = page->slots();
    h.page_va_ = target & ~(PGSIZE - 1);
    slot = h.slots_ + (target & (PGSIZE - 1)) / 2;
    ENTER_BLOCK();
}

// An instruction that needed the exact state is done: step over it, and see whether it changed anything.
after_exact:
    ++h.state.retired;
    h.state.pc += length;
moved_on:
    h.left_ = static_cast<std::int64_t>(h.end_ - h.state.retired);
    h.look_up_ = false;
    h.mmu.take_code_dropped();
    h.code_->take_changed();
    if (h.must_leave()) return Hart::LoopExit::boundary;
    target = h.state.pc;
    goto far;

faulted:
    return Hart::LoopExit::faulted;

out_of_budget:
    h.left_ += slot->block;
leave:
    h.state.pc = h.address_of(*slot);
    h.state.retired = h.end_ - static_cast<std::uint64_t>(h.left_);
    return Hart::LoopExit::boundary;

#undef DISPATCH
#undef ENTER_BLOCK
#undef NEXT_SLOT
}

}  // namespace hartlab
