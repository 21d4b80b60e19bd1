#include "hart/code_page.hpp"

#include <algorithm>
#include <bitset>
#include <cstring>

#include "hart/handlers.hpp"

namespace hartlab {

namespace {

bool writes_x(Format format) {
    switch (format) {
    case Format::reg:
    case Format::immediate:
    case Format::shift:
    case Format::shift_word:
    case Format::unary:
    case Format::load:
    case Format::upper:
    case Format::jump:
    case Format::csr:
    case Format::csr_immediate:
    case Format::load_reserved:
    case Format::atomic:
    case Format::fp_compare:
    case Format::fp_to_int:
    case Format::fp_to_int_rm: return true;
    default: return false;
    }
}

/// Whether a block ends with this instruction.
bool ends_block(Op op) {
    const InstructionInfo& info = instruction_info(op);
    return op == Op::illegal || op == Op::jalr || op == Op::ecall || op == Op::ebreak ||
           info.format == Format::branch || info.format == Format::jump || info.extension == Extension::Zicsr ||
           info.extension == Extension::Privileged || info.extension == Extension::A;
}

Slot undecoded() { return {.handler = handler_of(Handler::undecoded)}; }

}  // namespace

Slot lone_slot(const Instruction& i) {
    const bool sink = i.rd == 0 && writes_x(instruction_info(i.op).format);
    return {.handler = handler_of(i.op, i.length),
            .imm = i.imm,
            .rd = sink ? SINK : i.rd,
            .rs1 = i.rs1,
            .rs2 = i.rs2,
            .rs3 = i.rs3,
            .rm = i.rm,
            .length = i.length,
            .block = 1};
}

CodePage::CodePage(PhysAddr pa, const std::uint8_t* bytes) : pa_(pa), bytes_(bytes) {
    slots_.fill(undecoded());
    slots_[SLOTS].handler = handler_of(Handler::leave);
}

Instruction CodePage::decode(std::size_t index) const {
    if (const std::uint16_t low = half(index); is_compressed(low)) return decode_compressed(low);
    if (runs_on(index)) return {};
    std::uint32_t bits;
    std::memcpy(&bits, bytes_ + 2 * index, sizeof bits);
    return hartlab::decode(bits);
}

void CodePage::decode_block(std::size_t first) {
    // Forwards to the end of the block, then backwards to count.
    std::array<std::uint16_t, SLOTS> members;
    std::size_t count = 0;
    std::size_t index = first;
    unsigned behind = 0;  // instructions of the block that were decoded before
    for (;;) {
        if (index == SLOTS) break;
        if (slots_[index].length != 0) {
            behind = slots_[index].block;
            break;
        }
        const Instruction instruction = decode(index);
        Slot& slot = slots_[index];
        if (instruction.length == 0) {  // half of it lies in the next page: it is executed apart
            slot.handler = handler_of(Handler::leave);
            slot.block = 0;
            break;
        }
        slot = lone_slot(instruction);
        members[count++] = static_cast<std::uint16_t>(index);
        // A branch within the page knows its target's slot.
        const std::int64_t target = static_cast<std::int64_t>(2 * index) + instruction.imm;
        if (has_near_form(instruction.op) && target >= 0 && target < static_cast<std::int64_t>(PGSIZE)) {
            slot.handler = handler_of_near(instruction.op, instruction.length);
            slot.imm = instruction.imm / 2;
            if (slot.imm <= 0) find_memory_loop(static_cast<std::size_t>(target) / 2, index);
        }
        if (ends_block(instruction.op)) break;
        index += instruction.length / 2u;
    }
    while (count != 0) slots_[members[--count]].block = static_cast<std::uint16_t>(++behind);
    low_ = std::min(low_, first);
    high_ = std::max(high_, std::min(index + 1, SLOTS));
}

/// If the instructions from slot `target` to the branch in slot `branch` are a memory loop, gives the branch its handler.
void CodePage::find_memory_loop(std::size_t target, std::size_t branch) {
    std::array<Instruction, MemoryLoop::MAX_LENGTH> turn;
    std::size_t count = 0;
    for (std::size_t index = target; index <= branch; index += turn[count - 1].length / 2u) {
        if (count == turn.size()) return;
        turn[count++] = decode(index);
        if (turn[count - 1].length == 0) return;
        if (index == branch) break;
    }
    if (loops_.size() == MAX_LOOPS) return;
    const std::optional<MemoryLoop> loop = recognise_memory_loop(turn.data(), count);
    if (!loop || turn[count - 1].imm != -2 * static_cast<std::int32_t>(branch - target)) return;
    Slot& slot = slots_[branch];
    slot.handler = handler_of(Handler::memory_loop);
    slot.rd = static_cast<std::uint8_t>(loops_.size());
    loops_.push_back({*loop, static_cast<std::uint16_t>(target), static_cast<std::uint16_t>(branch)});
    low_ = std::min(low_, target);
}

bool CodePage::forget(std::uint64_t offset, std::uint64_t size) {
    // A whole page is written when its frame gets another owner: what was never decoded is not looked at. An instruction
    // that begins in slot high_ - 1 may reach one slot further.
    const std::size_t begin = offset / 2, end = std::min<std::size_t>((offset + size + 1) / 2, high_ + 1);
    if (begin > high_ || end <= low_) return false;
    // Backwards: an instruction goes when one of its bytes does, or when its block continues into one that goes. Two
    // that stay, side by side, keep everything before them.
    std::bitset<SLOTS + 2> gone;
    for (std::size_t i = begin; i < end; ++i) gone.set(i);
    // An instruction that overwrites itself has still its result to write: the operands stay.
    const auto reset = [this](std::size_t i) {
        slots_[i].handler = handler_of(Handler::undecoded);
        slots_[i].length = 0;
        slots_[i].block = 0;
    };
    bool any = false;
    // The branch of a memory loop knows what the instructions of the whole turn are.
    std::size_t last = end;
    for (const PlacedLoop& placed : loops_) {
        if (placed.branch >= begin && placed.first < end) last = std::max<std::size_t>(last, placed.branch + 1u);
    }
    const auto leave = handler_of(Handler::leave);
    for (std::size_t i = last; i-- > low_;) {
        if (i + 2 < begin && !gone[i + 1] && !gone[i + 2]) break;
        const Slot& slot = slots_[i];
        const bool decoded = slot.length != 0 || slot.handler == leave;
        if (!decoded) continue;
        const bool overlaps = i >= begin || (i + 1 >= begin && slot.length != 2);
        const bool continues = slot.block > 1 && gone[i + slot.length / 2u];
        if (!overlaps && !continues) continue;
        gone.set(i);
        reset(i);
        any = true;
    }
    if (begin <= low_) low_ = std::max(low_, last);
    if (last >= high_) high_ = std::min(high_, begin);
    if (empty()) {
        low_ = SLOTS;
        high_ = 0;
        loops_.clear();
    }
    return any;
}

}  // namespace hartlab
