// The hot loop: threaded code over the slots of decoded pages.
//
// A block is paid for when it is entered (left_), so between its instructions nothing is counted or checked: each handler
// ends in a jump to the next slot's. pc and the count of retired instructions exist only as the slot's address and
// left_; whatever needs them calls Hart::locate() first. Traps are taken and code is looked up without leaving the loop. It
// is left between two instructions, with `state` complete.
#include <array>
#include <type_traits>

#include "hart/handlers.hpp"
#include "hart/hart.hpp"
#include "hart/semantics/atomic.hpp"
#include "hart/semantics/bit_manipulation.hpp"
#include "hart/semantics/floating.hpp"
#include "hart/semantics/integer.hpp"
#include "hart/semantics/memory.hpp"
#include "hart/semantics/multiply.hpp"
#include "hart/semantics/system.hpp"

namespace hartlab {

namespace {

// Instructions that have handlers of their own for targets in the same page.
#define HARTLAB_NEAR_FORMS(X) X(jal) X(beq) X(bne) X(blt) X(bge) X(bltu) X(bgeu)
// Those of them that come in 2 bytes and may fall through, and the other instructions that come in 2 bytes and fall
// through: a handler knows the length of its instruction, and with it where the next one is.
#define HARTLAB_COMPRESSIBLE_NEAR(X) X(beq) X(bne)
// Those that read, change and write a word of memory in one step.
#define HARTLAB_ATOMIC_OPERATIONS(X)                                                                                   \
    X(amoswap) X(amoadd) X(amoxor) X(amoand) X(amoor) X(amomin) X(amomax) X(amominu) X(amomaxu)
// clang-format off
#define HARTLAB_COMPRESSIBLE(X)                                                                                  \
    X(lui) X(addi) X(addiw) X(slli) X(srli) X(srai) X(andi) X(add) X(sub) X(xor_) X(or_) X(and_) X(addw) X(subw) \
    X(beq) X(bne) X(lw) X(ld) X(sw) X(sd) X(fld) X(fsd) X(ebreak)
// clang-format on

/// Whether an instruction may look at the count of instructions or at pc, or change what the loop stands on.
constexpr bool needs_exact_state(Op op) {
    const InstructionInfo& info = instruction_info(op);
    return op == Op::ecall || op == Op::ebreak || info.extension == Extension::Zicsr ||
           info.extension == Extension::Privileged || info.extension == Extension::A;
}

/// Does an access to a CSR that needs no exact state; false when the instruction is no such access.
template <Op OP>
[[gnu::always_inline]] inline bool accesses_plain_csr(Hart& h, const Slot& i) {
    using semantics::access_plain_csr, semantics::CsrWrite, semantics::rs1;
    switch (OP) {
    case Op::csrrw: return access_plain_csr<CsrWrite::replace>(h, i, rs1(h, i));
    case Op::csrrs: return access_plain_csr<CsrWrite::set>(h, i, rs1(h, i));
    case Op::csrrc: return access_plain_csr<CsrWrite::clear>(h, i, rs1(h, i));
    default: return false;
    }
}

/// Does an atomic operation on a word that is a hit; false when the instruction is none, or its word is no hit.
template <Op OP>
[[gnu::always_inline]] inline bool does_atomic_hit(Hart& h, const Slot& i, Ledger& ledger) {
    switch (OP) {
#define X(name)                                                                                                        \
    case Op::name##_w: return semantics::name##_w_hit(h, i, ledger);                                                   \
    case Op::name##_d: return semantics::name##_d_hit(h, i, ledger);
        HARTLAB_ATOMIC_OPERATIONS(X)
#undef X
    default: return false;
    }
}

/// Whether it may turn out to be illegal, and so needs at least left_.
constexpr bool is_floating(Op op) {
    const Extension extension = instruction_info(op).extension;
    return extension == Extension::F || extension == Extension::D;
}

/// Calls an instruction's meaning, with its address or the loop's ledger if it takes them.
template <auto MEANING>
[[gnu::always_inline]] inline auto mean(Hart& hart, const Slot& slot, [[maybe_unused]] std::uint64_t pc,
                                        [[maybe_unused]] Ledger& ledger) {
    using Meaning = decltype(MEANING);
    if constexpr (std::is_invocable_v<Meaning, Hart&, const Slot&, Ledger&>)
        return MEANING(hart, slot, ledger);
    else if constexpr (std::is_invocable_v<Meaning, Hart&, const Slot&, std::uint64_t>)
        return MEANING(hart, slot, pc);
    else
        return MEANING(hart, slot);
}

/// Where execution goes after an instruction.
enum class Step : std::uint8_t {
    next,      // to the next one, in the same block
    untaken,   // to the next one, which begins a block
    jump,      // to `target`
    moved_on,  // to state.pc
    faulted,
};

/// Executes one instruction. Inlined into its handler, where all but the steps that it can take fall away.
template <auto MEANING>
[[gnu::always_inline]] inline Step step(Hart& hart, const Slot& slot, std::uint64_t pc, Ledger& ledger,
                                        std::uint64_t& target) {
    using Flow = decltype(mean<MEANING>(hart, slot, pc, ledger));
    if constexpr (std::is_same_v<Flow, void>) {
        mean<MEANING>(hart, slot, pc, ledger);
        return Step::next;
    } else if constexpr (std::is_same_v<Flow, Taken>) {
        if (mean<MEANING>(hart, slot, pc, ledger) == Taken::no) return Step::untaken;
        target = pc + static_cast<std::uint64_t>(std::int64_t{slot.imm});
        return Step::jump;
    } else if constexpr (std::is_same_v<Flow, Target>) {
        target = mean<MEANING>(hart, slot, pc, ledger).pc;
        return Step::jump;
    } else if constexpr (std::is_same_v<Flow, Completion>) {
        const Completion completion = mean<MEANING>(hart, slot, pc, ledger);
        if (completion == Completion::done) [[likely]]
            return Step::next;
        return completion == Completion::moved_on ? Step::moved_on : Step::faulted;
    } else {
        const Return there = mean<MEANING>(hart, slot, pc, ledger);
        if (!there) return Step::faulted;
        ++hart.state.retired;
        hart.state.pc = there->pc;
        return Step::moved_on;
    }
}

/// Executes a branch or jump whose imm is the distance of its target in slots; whether it goes there.
template <auto MEANING>
[[gnu::always_inline]] inline bool goes_near(Hart& hart, const Slot& slot, std::uint64_t pc, Ledger& ledger) {
    if constexpr (std::is_same_v<decltype(mean<MEANING>(hart, slot, pc, ledger)), Taken>) {
        return mean<MEANING>(hart, slot, pc, ledger) == Taken::yes;
    } else {
        mean<MEANING>(hart, slot, pc, ledger);
        return true;
    }
}

/// Whether the last instruction of a memory loop goes back for another turn.
inline bool goes_back(Hart& hart, const Slot& slot, Op last) {
    switch (last) {
    case Op::beq: return semantics::beq(hart, slot) == Taken::yes;
    case Op::bne: return semantics::bne(hart, slot) == Taken::yes;
    case Op::blt: return semantics::blt(hart, slot) == Taken::yes;
    case Op::bltu: return semantics::bltu(hart, slot) == Taken::yes;
    case Op::bge: return semantics::bge(hart, slot) == Taken::yes;
    case Op::bgeu: return semantics::bgeu(hart, slot) == Taken::yes;
    default: return true;  // a jump
    }
}

struct Offsets {
    std::array<std::int32_t, OP_COUNT> ops{}, compressed_ops{}, near{}, compressed_near{};
    std::array<std::int32_t, 3> others{};
};

}  // namespace

/// The loop is asked once, with no slot to enter, where its handlers are.
struct HandlerOffsets {
    static Hart::LoopExit run(Hart* hart, Offsets* offsets);
    static const Offsets& get() {
        static const Offsets offsets = [] {
            Offsets o;
            run(nullptr, &o);
            return o;
        }();
        return offsets;
    }
};

std::int32_t handler_of(Op op, unsigned length) {
    const Offsets& offsets = HandlerOffsets::get();
    return (length == 2 ? offsets.compressed_ops : offsets.ops)[static_cast<std::size_t>(op)];
}
std::int32_t handler_of(Handler handler) { return HandlerOffsets::get().others[static_cast<std::size_t>(handler)]; }
std::int32_t handler_of_near(Op op, unsigned length) {
    const Offsets& offsets = HandlerOffsets::get();
    return (length == 2 ? offsets.compressed_near : offsets.near)[static_cast<std::size_t>(op)];
}

bool has_near_form(Op op) {
    switch (op) {
#define X(identifier) case Op::identifier:
        HARTLAB_NEAR_FORMS(X)
#undef X
        return true;
    default: return false;
    }
}

Hart::LoopExit Hart::execute_until(std::uint64_t retired) {
    end_ = retired;
    turn_of = nullptr;  // what has happened outside may have ended the turn
    fetches_counted_ = state.retired;
    fp::HostFpScope scope(state.csr.fflags);
    host_fp_ = &scope;
    const LoopExit exit = HandlerOffsets::run(this, nullptr);
    host_fp_ = nullptr;
    return exit;
}

Hart::LoopExit HandlerOffsets::run(Hart* hart, Offsets* offsets) {
#define OFFSET(label) static_cast<std::int32_t>(static_cast<const char*>(&&label) - static_cast<const char*>(&&origin))
    if (offsets) {
        const auto at = [](auto& table, Op op) -> std::int32_t& { return table[static_cast<std::size_t>(op)]; };
        at(offsets->ops, Op::illegal) = OFFSET(illegal);
#define X(identifier, mnemonic, match, mask, format, extension)                                                        \
    at(offsets->ops, Op::identifier) = OFFSET(op_##identifier);
        HARTLAB_INSTRUCTIONS(X)
#undef X
#define X(identifier) at(offsets->near, Op::identifier) = OFFSET(near_##identifier);
        HARTLAB_NEAR_FORMS(X)
#undef X
        offsets->compressed_ops = offsets->ops;  // right for what never falls through
        offsets->compressed_near = offsets->near;
#define X(identifier) at(offsets->compressed_ops, Op::identifier) = OFFSET(short_##identifier);
        HARTLAB_COMPRESSIBLE(X)
#undef X
#define X(identifier) at(offsets->compressed_near, Op::identifier) = OFFSET(short_near_##identifier);
        HARTLAB_COMPRESSIBLE_NEAR(X)
#undef X
        offsets->others = {OFFSET(undecoded), OFFSET(leave), OFFSET(memory_loop)};
        return Hart::LoopExit::boundary;
    }
#undef OFFSET

    Hart& h = *hart;
    Slot* slot = nullptr;
    Ledger ledger{.left = static_cast<std::int64_t>(h.end_ - h.state.retired)};
    std::uint64_t target = 0;
    unsigned length = 0;  // of an instruction that may overwrite itself

// These are no functions: what takes the address of `slot` or `ledger` keeps them out of registers.
#define REPORT_HITS()                                                                                                  \
    do {                                                                                                               \
        h.mmu.note_hits(Access::load, std::exchange(ledger.loads, 0));                                                 \
        h.mmu.note_hits(Access::store, std::exchange(ledger.stores, 0));                                               \
    } while (0)
// What is about to happen may look at all of the hart's state.
#define MAKE_EXACT()                                                                                                   \
    do {                                                                                                               \
        REPORT_HITS();                                                                                                 \
        h.left_ = ledger.left;                                                                                         \
        h.locate(*slot);                                                                                               \
        length = slot->length;                                                                                         \
    } while (0)
#define DISPATCH() goto*(static_cast<const char*>(&&origin) + slot->handler)
#define ENTER_BLOCK()                                                                                                  \
    do {                                                                                                               \
        ledger.left -= slot->block;                                                                                    \
        if (ledger.left < 0) [[unlikely]]                                                                              \
            goto out_of_budget;                                                                                        \
        DISPATCH();                                                                                                    \
    } while (0)
// To `target`: most jumps stay within their page.
#define JUMP()                                                                                                         \
    do {                                                                                                               \
        const std::uint64_t offset = target - h.page_va_;                                                              \
        if (offset >= PGSIZE || h.slots_ == h.apart_.data()) [[unlikely]]                                              \
            goto far;                                                                                                  \
        slot = h.slots_ + offset / 2;                                                                                  \
        ENTER_BLOCK();                                                                                                 \
    } while (0)

    goto enter;

origin:
undecoded:
    h.decode_block(static_cast<std::size_t>(slot - h.slots_));
    ENTER_BLOCK();

#define HANDLER(label, identifier, LENGTH)                                                                             \
    label:                                                                                                             \
    if (accesses_plain_csr<Op::identifier>(h, *slot) || does_atomic_hit<Op::identifier>(h, *slot, ledger)) {           \
        slot += LENGTH / 2;                                                                                            \
        ENTER_BLOCK();                                                                                                 \
    }                                                                                                                  \
    if constexpr (needs_exact_state(Op::identifier))                                                                   \
        MAKE_EXACT();                                                                                                  \
    else if constexpr (is_floating(Op::identifier))                                                                    \
        h.left_ = ledger.left;                                                                                         \
    switch (step<semantics::identifier>(h, *slot, h.address_of(*slot), ledger, target)) {                              \
    case Step::next:                                                                                                   \
        if constexpr (needs_exact_state(Op::identifier)) goto after_exact;                                             \
        slot += LENGTH / 2;                                                                                            \
        DISPATCH();                                                                                                    \
    case Step::untaken: slot += LENGTH / 2; ENTER_BLOCK();                                                             \
    case Step::jump: JUMP();                                                                                           \
    case Step::moved_on: goto moved_on;                                                                                \
    case Step::faulted: goto faulted;                                                                                  \
    }
#define NEAR_HANDLER(label, identifier, LENGTH)                                                                        \
    label:                                                                                                             \
    if (goes_near<semantics::identifier>(h, *slot, h.address_of(*slot), ledger))                                       \
        slot += slot->imm;                                                                                             \
    else                                                                                                               \
        slot += LENGTH / 2;                                                                                            \
    ENTER_BLOCK();

#define X(identifier, mnemonic, match, mask, format, extension) HANDLER(op_##identifier, identifier, 4)
    HARTLAB_INSTRUCTIONS(X)
#undef X
#define X(identifier) HANDLER(short_##identifier, identifier, 2)
    HARTLAB_COMPRESSIBLE(X)
#undef X
#define X(identifier) NEAR_HANDLER(near_##identifier, identifier, 4)
    HARTLAB_NEAR_FORMS(X)
#undef X
#define X(identifier) NEAR_HANDLER(short_near_##identifier, identifier, 2)
    HARTLAB_COMPRESSIBLE_NEAR(X)
#undef X

memory_loop:
    {
        const MemoryLoop& loop = h.page_->memory_loop(*slot);
        if (!goes_back(h, *slot, loop.last)) {
            slot += slot->length / 2;
            ENTER_BLOCK();
        }
        if (h.use.memory_loops) ledger = repeat_memory_loop(h, loop, ledger);
        slot += slot->imm;
        ENTER_BLOCK();
    }

illegal:
    h.left_ = ledger.left;
    h.illegal(*slot);
    goto faulted;

// A jump to `target`, in another page.
far:
    {
        CodePage* page = static_cast<CodePage*>(h.mmu.cached_code(target));
        if (!page) [[unlikely]] {
            h.state.pc = target;
            goto look_up;
        }
        h.enter_page(page, target);
        slot = h.slot_at(target);
        ENTER_BLOCK();
    }

// Code that cannot simply be entered is looked up at pc: it is in no page that the fetch cache knows, lies across two
// pages, or its block is longer than what is left of the budget.
out_of_budget:
    ledger.left += slot->block;
leave:
    h.state.pc = h.address_of(*slot);
look_up:
    h.state.retired = h.end_ - static_cast<std::uint64_t>(ledger.left);
    if (ledger.left == 0 || h.at_breakpoint()) goto out;
    slot = h.look_up_code(ledger.left);
    if (!slot) goto trap;
    ENTER_BLOCK();

// An instruction that needed the exact state is done: step over it, and see whether it changed anything.
after_exact:
    ++h.state.retired;
    h.state.pc += length;
moved_on:
    ledger.left = static_cast<std::int64_t>(h.end_ - h.state.retired);
    if (h.must_leave()) goto out;
enter:
    h.look_up_ = false;
    h.mmu.take_code_dropped();
    h.code_->take_changed();
    target = h.state.pc;
    goto far;

faulted:
    h.count_fetches(true);
trap:
    REPORT_HITS();
    h.take_fault();
    if (h.stops_on(h.last_trap_.to)) return Hart::LoopExit::trap;
    // Where each instruction is looked at, so is the first one of a handler; and handlers that only trap must not go on for ever.
    if (h.end_ - h.state.retired > 1 && h.state.fruitless_traps == 0) goto moved_on;
    return Hart::LoopExit::boundary;

out:
    h.count_fetches(false);
    REPORT_HITS();
    return Hart::LoopExit::boundary;

#undef DISPATCH
#undef ENTER_BLOCK
#undef JUMP
#undef REPORT_HITS
#undef MAKE_EXACT
#undef HANDLER
#undef NEAR_HANDLER
}

}  // namespace hartlab
