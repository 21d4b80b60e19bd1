// A user's page fault: is it the program's mistake, or work that the kernel has put off?
#include "kernel/trap.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

constexpr auto FETCH = static_cast<std::uint64_t>(Cause::instruction_page_fault);
constexpr auto LOAD = static_cast<std::uint64_t>(Cause::load_page_fault);
constexpr auto STORE = static_cast<std::uint64_t>(Cause::store_page_fault);

/// Under Svade the hart leaves A and D to the kernel [priv 4.3.1]: sets them where the page otherwise permits the access.
/// Departs: xv6 relies on hardware that sets them.
bool set_accessed_and_dirty(Kernel& kernel, PhysAddr pagetable, VirtAddr va, std::uint64_t scause) {
    if (kernel.hart().hardware_ad) return false;
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    if (!pte_address) return false;
    const std::uint64_t pte = kernel.load<std::uint64_t>(pte_address);
    const std::uint64_t permission = scause == FETCH ? PTE_X : scause == LOAD ? PTE_R : PTE_W;
    const std::uint64_t bits = PTE_A | (scause == STORE ? PTE_D : 0);
    const bool is_users_or_traps = (pte & PTE_U) || va.value >= TRAPFRAME;
    if (!(pte & PTE_V) || !(pte & permission) || !is_users_or_traps || (pte & bits) == bits) return false;
    kernel.store_pte(pte_address, pte | bits);
    kernel.hart().mmu.sfence_vma(va, std::nullopt);
    return true;
}

bool repair(Kernel& kernel, RamStruct<Proc> p, std::uint64_t scause, VirtAddr va) {
    if (va.value >= MAXVA || (scause != FETCH && scause != LOAD && scause != STORE)) return false;
    const PhysAddr pagetable(p[&Proc::pagetable]);
    if (set_accessed_and_dirty(kernel, pagetable, va, scause)) return true;
    if (scause == FETCH) return false;
    const Policies& policies = kernel.policies();
    if (scause == STORE && policies.fork == ForkPolicy::cow && kernel.cowfault(pagetable, va) == 0) return true;
    if (policies.sbrk == SbrkPolicy::eager) return false;  // then nothing was ever granted that is not there
    return static_cast<bool>(kernel.vmfault(pagetable, va, scause == LOAD));
}

}  // namespace

bool repair_fault(Kernel& kernel, RamStruct<Proc> p, std::uint64_t scause, std::uint64_t sepc, std::uint64_t stval) {
    // The event comes before those of the repair, and learns afterwards how it went.
    std::uint64_t event = 0;
    if (kernel.events()) {
        event =
            kernel.emit({.kind = EventKind::fault, .pid = p[&Proc::pid], .code = scause, .va = stval, .value = sepc});
    }
    const bool repaired = repair(kernel, p, scause, VirtAddr(stval));
    if (kernel.events()) {
        if (Event* noted = kernel.events()->find(event)) noted->result = repaired;
    }
    return repaired;
}

const char* cause_name(std::uint64_t scause) {
    switch (static_cast<Cause>(scause)) {
    case Cause::instruction_address_misaligned: return "instruction address misaligned";
    case Cause::instruction_access_fault: return "instruction access fault";
    case Cause::illegal_instruction: return "illegal instruction";
    case Cause::breakpoint: return "breakpoint";
    case Cause::load_address_misaligned: return "load address misaligned";
    case Cause::load_access_fault: return "load access fault";
    case Cause::store_address_misaligned: return "store address misaligned";
    case Cause::store_access_fault: return "store access fault";
    case Cause::ecall_from_u: return "system call";
    case Cause::ecall_from_s: return "call from supervisor mode";
    case Cause::ecall_from_m: return "call from machine mode";
    case Cause::instruction_page_fault: return "instruction page fault";
    case Cause::load_page_fault: return "load page fault";
    case Cause::store_page_fault: return "store page fault";
    }
    return "unknown cause";
}

}  // namespace hartlab
