// Running: from the request for so many instructions down to basic blocks, and the fetch in front of them.
#include <algorithm>
#include <limits>

#include "hart/handlers.hpp"
#include "hart/hart.hpp"
#include "mmu/fast_path.hpp"

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

StopReason Hart::run(std::uint64_t max_instructions, bool resuming) {
    const StopReason reason = run_to_stop(max_instructions, resuming);
    mmu.count_hits();
    return reason;
}

StopReason Hart::run_to_stop(std::uint64_t max_instructions, bool resuming) {
    const std::uint64_t limit = saturating_add(state.retired, max_instructions);
    passed_ = resuming ? state.pc : NOWHERE;
    passed_at_ = state.retired;
    const std::uint64_t chunk = use.blocks ? CHUNK : 1;
    pause_ = false;
    mmu.take_watch_hit();
    mmu.revalidate_host_cache();
    drop_freed_code();
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
        if (at_breakpoint()) return StopReason::breakpoint;
        if (execute_until(std::min(limit, saturating_add(state.retired, chunk))) == LoopExit::trap)
            return StopReason::trap;
        if (mmu.watch_hit()) return StopReason::watchpoint;
        if (in_trap_loop()) return StopReason::trap_loop;
    }
}

void Hart::set_breakpoints(std::unordered_set<std::uint64_t> addresses) {
    breakpoints_ = std::move(addresses);
    breakpoint_pages_.clear();
    for (const std::uint64_t address : breakpoints_) breakpoint_pages_.insert(address >> PGSHIFT);
    mmu.flush_host_cache();
}

/// Finds the instruction at pc for the loop, with as much of its block as fits into `left`. Null when the fetch faulted;
/// fault_ says how.
Slot* Hart::look_up_code(std::int64_t left) {
    count_fetches(false);
    fetches_counted_ = state.retired;
    const std::size_t index = (state.pc & (PGSIZE - 1)) / 2;
    const Fetch fetch = this->fetch(index);
    if (fetch == Fetch::faulted) return nullptr;
    if (fetch == Fetch::page && page_->slot(index).block <= left) {
        enter_page(page_, state.pc);
        return slot_at(state.pc);
    }
    if (fetch == Fetch::page) {
        cut_block(&page_->slot(index), std::min<std::uint64_t>(static_cast<std::uint64_t>(left), MOST_APART));
    } else {
        const Slot lone = lone_slot(fetch == Fetch::alone ? page_->decode(index) : lone_instruction_);
        if (fetch == Fetch::lone) page_ = nullptr;
        cut_block(&lone, 1);
    }
    slots_ = apart_.data();
    page_va_ = state.pc;
    return slots_;
}

/// Makes the first `count` instructions from `slot` on a block of their own, with what leaves the loop behind it. None of
/// them but the last may go elsewhere.
void Hart::cut_block(const Slot* slot, std::uint64_t count) {
    Slot* to = apart_.data();
    while (count != 0) {
        *to = *slot;
        to->block = static_cast<std::uint16_t>(count--);
        const unsigned step = slot->length / 2u;
        slot += step;
        to += step;
    }
    *to = {.handler = handler_of(Handler::leave)};
}

void Hart::take_fault() {
    mmu.take_watch_hit();  // of the half of it that was done
    take_exception(fault_);
    fetches_counted_ = state.retired;
}

Result<PhysAddr> Hart::fetch_address(VirtAddr va) {
    const Result<PhysAddr> pa = mmu.translate(va, Access::fetch);
    if (pa && !mmu.permitted(*pa, 2, Access::fetch)) return access_fault(Access::fetch, va.value);
    return pa;
}

/// Half of an instruction, in RAM or in a device that code can be executed from.
Result<std::uint16_t> Hart::fetch_half(PhysAddr pa, VirtAddr va) {
    if (code_->ram().contains(pa, 2)) return code_->ram().load<std::uint16_t>(pa);
    const std::optional<std::uint16_t> half = mmu.bus().fetch(pa);
    if (!half) return access_fault(Access::fetch, va.value);
    return *half;
}

/// Puts the instruction at pc, whose first half is `low`, where it is executed by itself.
Hart::Fetch Hart::fetch_lone(const Result<std::uint16_t>& low) {
    if (!low) {
        fault_ = low.fault();
        return Fetch::faulted;
    }
    if (is_compressed(*low)) {
        lone_instruction_ = decode_compressed(*low);
        return Fetch::lone;
    }
    const VirtAddr next(state.pc + 2);
    const Result<PhysAddr> after = fetch_address(next);
    const Result<std::uint16_t> high = after ? fetch_half(*after, next) : after.fault();
    if (!high) {
        count_fetches(true);
        fault_ = high.fault();
        return Fetch::faulted;
    }
    lone_instruction_ = decode(*low | std::uint32_t{*high} << 16);
    return Fetch::lone;
}

/// Finds the code at pc, half-word `index` of its page, and makes page_ that page's.
Hart::Fetch Hart::fetch(std::size_t index) {
    page_ = static_cast<CodePage*>(mmu.cached_code(state.pc));
    if (page_ && page_->runs_on(index)) return fetch_lone(page_->half(index));
    if (!page_) {
        const Result<PhysAddr> pa = fetch_address(VirtAddr(state.pc));
        if (!pa) {
            fault_ = pa.fault();
            return Fetch::faulted;
        }
        ++fetches_counted_;  // the look-up was counted
        if (!code_->ram().contains(*pa, 2)) return fetch_lone(fetch_half(*pa, VirtAddr(state.pc)));
        page_ = &code_->page(*pa);
        drop_freed_code();
        if (!breakpoint_in_page(state.pc)) mmu.cache_code(state.pc, *pa, page_);
        if (page_->runs_on(index) || mmu.splits_page(*pa, Access::fetch)) return fetch_lone(page_->half(index));
    }
    if (page_->slot(index).length == 0) decode_block(index);
    return mmu.cached_code(state.pc) ? Fetch::page : Fetch::alone;
}

/// Decodes the block that begins at slot `index` of page_.
void Hart::decode_block(std::size_t index) {
    code_->decode_block(*page_, index);
    mmu.revalidate_host_cache();  // stores to a page that had no decoded code go another way from now on
}

/// Whoever has emptied the code cache, this hart or another: the host cache keeps no pointer to what was in it.
void Hart::drop_freed_code() {
    if (std::exchange(code_generation_, code_->generation()) != code_->generation()) mmu.flush_host_cache();
}

/// Counts the fetches since fetch() for the TLB's statistics: one for each instruction that retired, and one for an
/// instruction in progress.
void Hart::count_fetches(bool in_progress) {
    const std::uint64_t fetched = state.retired + in_progress;
    if (fetched > fetches_counted_) mmu.note_hits(Access::fetch, fetched - std::exchange(fetches_counted_, fetched));
}

}  // namespace hartlab
