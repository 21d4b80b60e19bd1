// C code while somebody observes what the kernel does (trace, provenance), or waits for a kalloc to fail: an instruction at a
// time, so that its stores to page tables and its calls within itself are seen, which no table of functions sees.
#include <algorithm>
#include <utility>

#include "hart/isa/instruction.hpp"
#include "kernel/c_hart.hpp"
#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"

namespace hartlab {

namespace {

constexpr int RA = 1, SP = 2, A0 = 10;

}  // namespace

/// An outermost call begins.
void CHart::choose_observing() {
    observing_ = false;
    if (!kernel_->observed() && kernel_->kalloc_failure_in() == 0) return;
    entries_.clear();
    direct_calls_.clear();
    for (const auto& unit : c_units(kernel_->seams)) {
        for (std::size_t i = 0; i < FUNCTIONS; ++i) {
            if (unit->entries[i]) entries_[unit->entries[i].value] = static_cast<FunctionId>(i);
        }
    }
    const bool has_kalloc = std::any_of(entries_.begin(), entries_.end(),
                                        [](const auto& entry) { return entry.second == FunctionId::kalloc; });
    observing_ = kernel_->observed() || (has_kalloc && kernel_->kalloc_failure_in() != 0);
}

StopReason CHart::run_observed(std::uint64_t instructions) {
    const std::uint64_t end = hart_.state.retired + instructions;
    while (hart_.state.retired < end) {
        const StopReason reason = step_observed();
        if (reason != StopReason::budget) return reason;
    }
    return StopReason::budget;
}

StopReason CHart::step_observed() {
    leaves_functions();
    const bool through_table = std::exchange(from_gate_, false);         // which knows of the call
    if (!through_table && enters_function()) return StopReason::budget;  // and has left it at once
    const std::optional<PhysAddr> target = about_to_store();
    const std::uint64_t before = target ? kernel_->word_at(*target) : 0;
    const StopReason reason = hart_.run(1);
    if (target && reason != StopReason::trap) kernel_->note_store(*target, before);
    return reason;
}

/// When the next instruction is the first of a function in C, notes the call. True when it is a kalloc that must fail, which
/// the engine performs: the next instruction is then the caller's.
bool CHart::enters_function() {
    HartState& state = hart_.state;
    const auto entry = entries_.find(state.pc);
    if (entry == entries_.end()) return false;
    const FunctionId id = entry->second;
    DirectCall call{id, {}, state.x[RA], state.x[SP], depth_};
    std::copy_n(state.x.begin() + A0, call.words.size(), call.words.begin());
    if (id == FunctionId::kalloc && kernel_->kalloc_must_fail()) {
        state.x[A0] = take_frame(*kernel_, true).value;
        state.pc = call.return_address;
        return true;
    }
    if (kernel_->observed()) kernel_->note_call(id, call.words);
    direct_calls_.push_back(call);
    return false;
}

/// Notes what has been performed when the next instruction is one to which a call returns.
void CHart::leaves_functions() {
    const HartState& state = hart_.state;
    const auto returned = [&](const DirectCall& call) {
        return call.depth == depth_ && call.return_address == state.pc && call.sp == state.x[SP];
    };
    while (!direct_calls_.empty() && returned(direct_calls_.back())) {
        const DirectCall call = direct_calls_.back();
        direct_calls_.pop_back();
        if (kernel_->observed()) kernel_->note_performed(call.id, call.words, state.x[A0]);
    }
}

/// Where the next instruction stores to, if it is one that stores and may.
std::optional<PhysAddr> CHart::about_to_store() const {
    const PhysAddr pc(hart_.state.pc);
    if (!kernel_->observed() || !region_.contains(pc, 4)) return std::nullopt;
    const auto low = region_.load<std::uint16_t>(pc);
    const Instruction i = is_compressed(low) ? decode_compressed(low) : decode(region_.load<std::uint32_t>(pc));
    const Format format = instruction_info(i.op).format;
    const bool stores = format == Format::store || format == Format::fp_store || format == Format::atomic;
    if (!stores) return std::nullopt;
    const std::uint64_t offset = format == Format::atomic ? 0 : static_cast<std::uint64_t>(std::int64_t{i.imm});
    const Walk walk = hart_.mmu.peek(VirtAddr(hart_.state.x[i.rs1] + offset), Access::store);
    return walk.ok() ? std::optional(walk.pa) : std::nullopt;
}

}  // namespace hartlab
