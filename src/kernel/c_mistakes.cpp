// What C code did that it must not, in words: where the code was, who had called it, and what the address is.
#include "hart/isa/instruction.hpp"
#include "kernel/c_hart.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

constexpr std::uint32_t ECALL = instruction_info(Op::ecall).match;
constexpr int RA = 1, S0 = 8;

/// The access that ended in the trap, if it was one.
std::optional<Access> failed_access(const Trap& trap) {
    switch (static_cast<Cause>(trap.cause)) {
    case Cause::instruction_page_fault:
    case Cause::instruction_access_fault:
    case Cause::instruction_address_misaligned: return Access::fetch;
    case Cause::load_page_fault:
    case Cause::load_access_fault:
    case Cause::load_address_misaligned: return Access::load;
    case Cause::store_page_fault:
    case Cause::store_access_fault:
    case Cause::store_address_misaligned: return Access::store;
    default: return std::nullopt;
    }
}

}  // namespace

/// Where the code is, and by the chain of frame pointers who called it, innermost first.
std::vector<CodePlace> CHart::backtrace(const CUnit& unit, FunctionId id) const {
    constexpr std::size_t MOST = 16;
    const HartState& state = hart_.state;
    std::vector<CodePlace> places;
    const auto in_unit = [&unit](std::uint64_t pc) { return pc - unit.text.value < unit.text_bytes.size(); };
    // A stub has no frame: who called it is in ra, as for code that has just jumped away.
    const bool in_stub = in_unit(state.pc) && region_.load<std::uint32_t>(PhysAddr(state.pc)) == ECALL;
    if (in_unit(state.pc) && !(in_stub && in_unit(state.x[RA] - 2))) {
        places.push_back({unit.number, state.pc});
    } else if (in_unit(state.x[RA] - 2)) {
        places.push_back({unit.number, state.x[RA] - 2});
    } else {
        places.push_back({unit.number, unit.entries[static_cast<std::size_t>(id)].value});
    }
    std::uint64_t fp = state.x[S0];
    while (places.size() < MOST && fp % 8 == 0 && region_.contains(PhysAddr(fp - 16), 16)) {
        const auto ra = region_.load<std::uint64_t>(PhysAddr(fp - 8)),
                   next = region_.load<std::uint64_t>(PhysAddr(fp - 16));
        if (ra - unit.text.value >= unit.text_bytes.size()) break;
        places.push_back({unit.number, ra - 2});
        if (next <= fp) break;
        fp = next;
    }
    return places;
}

void CHart::fail(const CUnit& unit, FunctionId id, const std::string& text, std::uint64_t address,
                 const std::string& detail) {
    const std::string function(function_name(id));
    const std::string record = "seam: " + text;
    kernel_->freeze(record, function, address);
    SeamFailure failure(record, function, kernel_->current_pid(), address,
                        function + ", which is replaced: " + text + ": " + detail);
    failure.trail = backtrace(unit, id);
    throw failure;
}

void CHart::fail(const CUnit& unit, FunctionId id, const Trap& trap) {
    const std::uint64_t va = trap.tval;
    const std::optional<Access> access = failed_access(trap);
    const bool fetch = access == Access::fetch;
    if (fetch && trap.epc == unit.entries[static_cast<std::size_t>(id)].value) {
        fail(unit, id, "the C region is not mapped", va,
             "the kernel's page table does not map SEAM_TEXT executable: kvminit has to map the region");
    }
    if (fetch) {
        const std::string how = hart_.state.x[RA] == va ? "it returned to " : "it jumped to ";
        fail(unit, id, va < PGSIZE ? "jump through a null pointer" : "jump to nowhere", va,
             how + in_hex(va) + ", where there is no code: " + whats_there(va, Access::fetch));
    }
    if (access) {
        const bool load = access == Access::load;
        const std::string what =
            std::string(load ? "a load from " : "a store to ") + in_hex(va) + ": " + whats_there(va, *access);
        const bool overflow = va < SEAM_STACK && SEAM_STACK - va <= SEAM_STACK_SIZE;
        const char* text = overflow      ? "stack overflow"
                           : va < PGSIZE ? "null pointer"
                           : load        ? "wild load"
                                         : "wild store";
        fail(unit, id, text, va, what);
    }
    if (static_cast<Cause>(trap.cause) == Cause::illegal_instruction) {
        const char* why = trap.tval == 0 ? ": what stands where there is no code, and where a compiler has proved that "
                                           "the behaviour is undefined (a null pointer?)"
                                         : "";
        fail(unit, id, "illegal instruction", trap.epc, in_hex(trap.tval) + " at " + in_hex(trap.epc) + why);
    }
    fail(unit, id, "trap", trap.epc, "cause " + std::to_string(trap.cause) + " at " + in_hex(trap.epc));
}

/// What an address that could not be used is, in words.
std::string CHart::whats_there(std::uint64_t va, Access access) const {
    if (va < PGSIZE) return "the first page, where a null pointer points";
    if (va < SEAM_STACK && SEAM_STACK - va <= SEAM_STACK_SIZE) {
        return "below the stack, which is " + std::to_string(SEAM_STACK_SIZE / 1024) + " KiB (endless recursion?)";
    }
    if (va - SEAM_TEXT < SEAM_TEXT_SIZE) return "the code and constants of C code, which cannot be written";
    if (va - SEAM_DATA < SEAM_DATA_SIZE || va - SEAM_STACK < SEAM_STACK_SIZE) return "data of C code, which is no code";
    const Walk walk = hart_.mmu.peek(VirtAddr(va), access);
    std::string text = "not mapped in the kernel's page table";
    if (walk.read & PTE_V) text = "the PTE is " + in_hex(walk.read);
    if (walk.end == WalkEnd::no_permission) {
        text += access == Access::fetch ? ", without X" : access == Access::load ? ", without R" : ", without W";
    } else if (walk.ok() && !kernel_->ram().contains(walk.pa)) {
        text += ", and C code finds no memory there";
    }
    if (va - KERNBASE < ETEXT.value - KERNBASE) {
        const char* which = access == Access::fetch ? "whose functions are the engine's" : "which is read-only";
        return std::string("the kernel's text, ") + which + " (" + text + ")";
    }
    if (kernel_->ram().contains(PhysAddr(va))) return text;
    const RamStruct<Proc> p = kernel_->myproc();
    if (p && va < MAXVA && va < p[&Proc::sz])
        return text + "; an address of the user's? Those go through walkaddr or copyin";
    return text;
}

}  // namespace hartlab
