// Loads and stores in a process's memory, made from outside as the process itself would make them: in user mode, through
// the MMU and its TLB, with granted pages faulted in.
#include <cstring>

#include "kernel/errors.hpp"
#include "kernel/file.hpp"
#include "kernel/proc.hpp"
#include "kernel/trap.hpp"

namespace hartlab {

namespace {

/// Puts the process's address space on the hart, in user mode, and afterwards back what was there.
class AddressSpace {
public:
    AddressSpace(Kernel& kernel, RamStruct<Proc> p) :
        kernel_(kernel), hart_(kernel.hart()), before_(hart_.state), current_(kernel.mycpu()[&Cpu::proc]) {
        kernel.mycpu()[&Cpu::proc] = p.address().value;  // vmfault asks whose memory it is
        hart_.mmu.pid = p[&Proc::pid];
        const std::uint64_t satp = user_satp(kernel, p);
        switched_ = satp != hart_.state.csr.satp;
        if (switched_) switch_satp(kernel, satp);
        hart_.set_privilege(Privilege::U);
    }
    void leave() {
        // A store to the word that lr has reserved makes sc fail.
        const auto reservation = hart_.state.reservation;
        hart_.state = before_;
        hart_.state.reservation = reservation;
        if (switched_) switch_satp(kernel_, before_.csr.satp);
        hart_.synchronise_mmu();
        kernel_.mycpu()[&Cpu::proc] = current_;
        hart_.mmu.pid = current_ != 0 ? kernel_.myproc()[&Proc::pid].get() : 0;
    }

private:
    Kernel& kernel_;
    Hart& hart_;
    HartState before_;
    std::uint64_t current_;
    bool switched_ = false;
};

RamStruct<Proc> living_process(Kernel& kernel, std::int32_t pid) {
    const std::optional<std::size_t> slot = kernel.find_pid(pid);
    if (!slot) throw ProcessGone(pid, "there is no process " + std::to_string(pid));
    const RamStruct<Proc> p = kernel.proc(*slot);
    if (p[&Proc::state] == ZOMBIE) {
        throw ProcessGone(pid,
                          "pid " + std::to_string(pid) + " has exited with status " + std::to_string(p[&Proc::xstate]));
    }
    return p;
}

/// As the hart would, but with the fault repaired where usertrap would repair it.
Result<PhysAddr> translate(Kernel& kernel, RamStruct<Proc> p, VirtAddr va, Access access) {
    Hart& hart = kernel.hart();
    // One access may need a page and then its A and D bits. A repair that does not help is not repeated for ever.
    for (int attempts = 0;; ++attempts) {
        const Result<PhysAddr> pa = hart.mmu.translate(va, access);
        if (pa || attempts == 4) return pa;
        const Fault fault = pa.fault();
        const std::uint64_t pc = hart.state.pc;
        if (!repair_fault(kernel, p, static_cast<std::uint64_t>(fault.cause), pc, fault.tval)) return pa;
        hart.mmu.sfence_vma(std::nullopt, std::nullopt);  // as the way through the trampoline would
    }
}

/// Moves bytes at `pa`, which do not leave its page, to or from the host. False where nothing is.
bool transfer(Kernel& kernel, PhysAddr pa, Access access, std::uint8_t* bytes, std::uint64_t length) {
    Bus& bus = kernel.hart().mmu.bus();
    if (!bus.ram().contains(pa, length)) {
        for (std::uint64_t i = 0; i < length; ++i) {
            if (access == Access::store) {
                if (!bus.write(pa + i, bytes[i], 1)) return false;
            } else {
                const std::optional<std::uint64_t> value = bus.read(pa + i, 1);
                if (!value) return false;
                bytes[i] = static_cast<std::uint8_t>(*value);
            }
        }
        return true;
    }
    if (access == Access::load) {
        std::memcpy(bytes, bus.ram().at(pa), length);
        return true;
    }
    bus.ram().write(pa, bytes, length);
    auto& reservation = kernel.hart().state.reservation;
    if (reservation && pa.value < reservation->value + 8 && reservation->value < pa.value + length) reservation.reset();
    return true;
}

std::optional<Fault> access_user(Kernel& kernel, std::int32_t pid, VirtAddr va, Access access, std::uint8_t* bytes,
                                 std::uint64_t length) {
    kernel.refuse_if_frozen();
    const RamStruct<Proc> p = living_process(kernel, pid);
    kernel.forget_giving_up();
    AddressSpace space(kernel, p);
    std::optional<Fault> fault;
    while (length > 0 && !fault && kernel.may_continue(1)) {
        const std::uint64_t chunk = within_page(va, length);
        const Result<PhysAddr> pa = translate(kernel, p, va, access);
        if (!pa) {
            fault = pa.fault();
        } else if (!transfer(kernel, *pa, access, bytes, chunk)) {
            fault = access_fault(access, va.value);
        }
        va += chunk;
        bytes += chunk;
        length -= chunk;
    }
    space.leave();
    if (kernel.gave_up()) {
        kernel.forget_giving_up();
        kernel.hart().clear_stop();
        throw Interrupted();
    }
    return fault;
}

}  // namespace

std::optional<Fault> Kernel::user_load(std::int32_t pid, VirtAddr va, void* bytes, std::uint64_t length) {
    return access_user(*this, pid, va, Access::load, static_cast<std::uint8_t*>(bytes), length);
}

// Bytes before the one that faulted have been stored, as by a loop of stores.
std::optional<Fault> Kernel::user_store(std::int32_t pid, VirtAddr va, const void* bytes, std::uint64_t length) {
    return access_user(*this, pid, va, Access::store, static_cast<std::uint8_t*>(const_cast<void*>(bytes)), length);
}

}  // namespace hartlab
