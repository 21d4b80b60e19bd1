// The loop that executes instructions, and the fetch in front of it.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "hart/hart.hpp"
#include "hart/semantics/atomic.hpp"
#include "hart/semantics/floating.hpp"
#include "hart/semantics/integer.hpp"
#include "hart/semantics/memory.hpp"
#include "hart/semantics/multiply.hpp"
#include "hart/semantics/system.hpp"

namespace hartlab {

namespace {

/// Instructions between two looks at the stop flag: some milliseconds.
constexpr std::uint64_t CHUNK = 1'000'000;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    return b > std::numeric_limits<std::uint64_t>::max() - a ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

}  // namespace

Hart::Hart(Bus& bus, CodeCache& code, TlbGeometry geometry) : mmu(bus, geometry), code_(&code) {
    mmu.pc = &state.pc;
    mmu.retired = &state.retired;
    synchronise_mmu();
}

StopReason Hart::run(std::uint64_t max_instructions) {
    const std::uint64_t limit = saturating_add(state.retired, max_instructions);
    const std::uint64_t breakpoint_passed = state.pc;
    bool first = true;
    pause_ = false;
    mmu.revalidate_host_cache();
    for (;;) {
        if (stop_requested_.exchange(false, std::memory_order_relaxed)) return StopReason::interrupted;
        if (const auto interrupt = pending_interrupt()) {
            take_interrupt(*interrupt);
            if (stops_on(last_trap_.to)) return StopReason::trap;
        }
        if (state.waiting) {
            if (!(state.csr.mip & state.csr.mie)) return StopReason::waiting;
            state.waiting = false;
        }
        if (state.retired >= limit || pause_) return StopReason::budget;

        std::optional<StopReason> reason;
        if (!breakpoints.empty() && std::exchange(first, false) && state.pc == breakpoint_passed) {
            // Step over the breakpoint on which the last run may have stopped.
            reason = execute<false>(state.retired + 1);
            if (!reason && mmu.take_watch_hit()) reason = StopReason::watchpoint;
        } else {
            reason = execute(std::min(limit, saturating_add(state.retired, CHUNK)));
        }
        if (reason) return *reason;
    }
}

std::optional<StopReason> Hart::execute(std::uint64_t limit) {
    const bool careful = !breakpoints.empty() || !mmu.watchpoints().empty();
    return careful ? execute<true>(limit) : execute<false>(limit);
}

/// The instruction at pc, or null: then its fetch faulted, and fault_ says how.
inline const Instruction* Hart::fetch() {
    if (const auto* page = static_cast<const CodePage*>(mmu.cached_code(state.pc))) [[likely]] {
        const Instruction& instruction = page->slots[(state.pc & (PGSIZE - 1)) / 2];
        if (instruction.length != 0) [[likely]] {
            mmu.count_fetch_hit();
            return &instruction;
        }
    }
    return fetch_slow();
}

const Instruction* Hart::fetch_slow() {
    const VirtAddr pc(state.pc);
    const auto translated = [this](VirtAddr va) -> std::optional<PhysAddr> {
        const Result<PhysAddr> pa = mmu.translate(va, Access::fetch);
        if (!pa) fault_ = pa.fault();
        else if (!mmu.bus().ram().contains(*pa, 2)) fault_ = access_fault(Access::fetch, va.value);
        else return *pa;
        return std::nullopt;
    };
    const auto pa = translated(pc);
    if (!pa) return nullptr;

    CodePage& page = code_->page(*pa);
    if (code_generation_ != code_->generation()) {
        code_generation_ = code_->generation();
        mmu.flush_host_cache();
    }
    mmu.revalidate_host_cache();  // the page may be new to the code cache: stores to it go another way from now on
    mmu.cache_code(pc.value, &page);
    const std::size_t index = pc.page_offset() / 2;
    if (page.slots[index].length != 0 || CodeCache::decode_slot(page, index)) return &page.slots[index];

    const VirtAddr second = pc + 2;
    const auto second_pa = translated(second);
    if (!second_pa) return nullptr;
    const Ram& ram = mmu.bus().ram();
    const std::uint32_t low = ram.load<std::uint16_t>(*pa), high = ram.load<std::uint16_t>(*second_pa);
    crossing_ = CodeCache::prepared(decode(low | high << 16));
    return &crossing_;
}

/// Executes one instruction and moves pc on. False: it faulted, pc stands where it was, and fault_ says how.
template <auto MEANING>
[[gnu::always_inline]] inline bool Hart::perform(const Instruction& i) {
    using Flow = decltype(MEANING(*this, i));  // see hart/semantics/flow.hpp
    if constexpr (std::is_same_v<Flow, void>) {
        MEANING(*this, i);
        state.pc += i.length;
    } else if constexpr (std::is_same_v<Flow, Taken>) {
        state.pc += MEANING(*this, i) == Taken::yes ? static_cast<std::uint64_t>(std::int64_t{i.imm}) : i.length;
    } else if constexpr (std::is_same_v<Flow, Target>) {
        state.pc = MEANING(*this, i).pc;
    } else if constexpr (std::is_same_v<Flow, Completion>) {
        if (MEANING(*this, i) == Completion::faulted) return false;
        state.pc += i.length;
    } else {
        const Return target = MEANING(*this, i);
        if (!target) return false;
        state.pc = target->pc;
    }
    return true;
}

template <bool CAREFUL>
std::optional<StopReason> Hart::execute(std::uint64_t limit) {
    look_up_ = false;
    while (state.retired < limit) {
        if constexpr (CAREFUL) {
            if (breakpoints.contains(state.pc)) return StopReason::breakpoint;
        }
        const Instruction* const i = fetch();
        bool completed = i != nullptr;
        if (completed) [[likely]] {
            switch (i->op) {
#define X(identifier, mnemonic, match, mask, format, extension) \
    case Op::identifier: completed = perform<semantics::identifier>(*i); break;
                HARTLAB_INSTRUCTIONS(X)
#undef X
            case Op::illegal:
            case Op::count:
                illegal(*i);
                completed = false;
                break;
            }
        }
        if (!completed) [[unlikely]] {
            take_exception(fault_);
            return stops_on(last_trap_.to) ? std::optional(StopReason::trap) : std::nullopt;
        }
        ++state.retired;
        if constexpr (CAREFUL) {
            if (mmu.take_watch_hit()) return StopReason::watchpoint;
        }
        if (look_up_) [[unlikely]] return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace hartlab
