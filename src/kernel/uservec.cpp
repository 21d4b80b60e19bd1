// The trampoline's two halves, which the model performs rather than executes: registers to and from the trapframe page, and
// satp. They go through the MMU as the code would, so that the TLB holds what it would hold and a page table that has lost
// either page is found out. Each page is looked up once and not once for each of the 31 registers.
#include <cstddef>
#include <cstring>

#include "hart/mstatus.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kernel_text.hpp"
#include "kernel/trap.hpp"
#include "mmu/satp.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t FS_CLEAN = std::uint64_t{2} << 13;
constexpr std::size_t REGISTERS = offsetof(Trapframe, ra), REGISTER_BYTES = 31 * sizeof(std::uint64_t);

/// An access of the trampoline's code to one of the two pages.
PhysAddr translate(Kernel& kernel, RamStruct<Proc> p, std::uint64_t va, Access access, const char* function) {
    Mmu& mmu = kernel.hart().mmu;
    Result<PhysAddr> pa = mmu.translate(VirtAddr(va), access);
    if (!pa) {
        const auto cause = static_cast<std::uint64_t>(pa.fault().cause);
        if (!kernel.hart().hardware_ad && repair_fault(kernel, p, cause, va, va))
            pa = mmu.translate(VirtAddr(va), access);
    }
    if (!pa) {
        // The hart would trap, to the address that it cannot fetch from or with registers that it cannot save, for ever.
        kernel.panic(function, function, va,
                     std::string("the page table of pid ") + std::to_string(p[&Proc::pid]) + " does not map the " +
                         (va == TRAPFRAME ? "trapframe" : "trampoline") + " at " + in_hex(va));
    }
    return *pa;
}

void save_floating_point(Kernel& kernel, PhysAddr frame) {
    HartState& state = kernel.hart().state;
    if ((state.csr.mstatus & MSTATUS_FS) != MSTATUS_FS) return;  // not dirty: the frame has them
    FloatFrame saved;
    std::memcpy(saved.f, state.f.data(), sizeof saved.f);
    saved.fcsr = static_cast<std::uint64_t>(state.csr.frm) << 5 | state.csr.fflags;
    kernel.write_bytes(frame + sizeof(Trapframe), &saved, sizeof saved);
}

void restore_floating_point(Kernel& kernel, PhysAddr frame) {
    HartState& state = kernel.hart().state;
    const auto saved = kernel.load<FloatFrame>(frame + sizeof(Trapframe));
    std::memcpy(state.f.data(), saved.f, sizeof saved.f);
    state.csr.fflags = saved.fcsr & 0x1f;
    state.csr.frm = saved.fcsr >> 5 & 7;
    state.csr.mstatus = replace_bits(state.csr.mstatus, MSTATUS_FS, FS_CLEAN);
}

}  // namespace

std::uint64_t user_satp(Kernel& kernel, RamStruct<Proc> p) {
    const bool asids = kernel.policies().asid == AsidPolicy::on;
    return MAKE_SATP(PhysAddr(p[&Proc::pagetable]), asids ? static_cast<std::uint16_t>(p[&Proc::asid].get()) : 0);
}

void switch_satp(Kernel& kernel, std::uint64_t satp) {
    Hart& hart = kernel.hart();
    const bool fences = kernel.policies().asid == AsidPolicy::off;
    if (fences) hart.mmu.sfence_vma(std::nullopt, std::nullopt);  // accesses so far are to the old address space
    hart.state.csr.satp = satp;
    hart.synchronise_mmu();
    if (fences) hart.mmu.sfence_vma(std::nullopt, std::nullopt);  // and no stale entry of it is left
}

void uservec(Kernel& kernel, RamStruct<Proc> p) {
    HartState& state = kernel.hart().state;
    translate(kernel, p, TRAMPOLINE + kernel_text::USERVEC, Access::fetch, "uservec");
    const PhysAddr frame = translate(kernel, p, TRAPFRAME, Access::store, "uservec");
    kernel.write_bytes(frame + REGISTERS, &state.x[1], REGISTER_BYTES);
    save_floating_point(kernel, frame);
    switch_satp(kernel, MAKE_SATP(PhysAddr(kernel.data()[&KernelData::kernel_pagetable])));
    state.csr.stvec = kernel_text::KERNELVEC.value;
    state.pc = kernel_text::USERTRAP.value;
}

void Kernel::usertrapret(RamStruct<Proc> p) {
    HartState& state = hart().state;
    const RamStruct<Trapframe> frame = trapframe(p);
    // What uservec will need, when the process next traps.
    frame[&Trapframe::kernel_satp] = state.csr.satp;
    frame[&Trapframe::kernel_sp] = p[&Proc::kstack] + PGSIZE;
    frame[&Trapframe::kernel_trap] = kernel_text::USERTRAP.value;
    frame[&Trapframe::kernel_hartid] = state.csr.mhartid;
    state.csr.stvec = TRAMPOLINE + kernel_text::USERVEC;
    state.csr.sepc = frame[&Trapframe::epc] & ~std::uint64_t{1};
    hart().mmu.pid = p[&Proc::pid];

    // userret
    switch_satp(*this, user_satp(*this, p));
    translate(*this, p, TRAMPOLINE + kernel_text::USERRET, Access::fetch, "userret");
    const PhysAddr page = translate(*this, p, TRAPFRAME, Access::load, "userret");
    check(page, sizeof(Trapframe) + sizeof(FloatFrame), Access::load);
    std::memcpy(&state.x[1], ram().at(page + REGISTERS), REGISTER_BYTES);
    restore_floating_point(*this, page);

    // sret to user mode, with interrupts on [priv 3.1.6.1]
    state.csr.mstatus = replace_bits(state.csr.mstatus, MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE | MSTATUS_MPRV,
                                     MSTATUS_SPIE | MSTATUS_SIE);
    state.reservation.reset();
    state.pc = state.csr.sepc;
    hart().set_privilege(Privilege::U);
}

}  // namespace hartlab
