// The kernel's instruments: the event trace and the provenance of frames. Off, each costs a test of a null pointer.
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

void Kernel::set_tracing(std::size_t capacity) {
    hart().mmu.events = nullptr;
    events_ = capacity == 0 ? nullptr : std::make_unique<EventRing>(capacity);
    hart().mmu.events = events_.get();
}

std::uint64_t Kernel::emit(Event event) {
    event.time = hart().state.retired;
    if (event.pid == 0 && myproc()) event.pid = myproc()[&Proc::pid];
    return events_->add(event);
}

void Kernel::look_at(std::uint64_t sequence) {
    look_.reset();
    hart().clear_stop();  // of the last look
    hart_runs_ = look_is_due_ = false;
    events_->await(sequence, [this] {
        hart().stop();
        if (hart_runs_)
            look_is_due_ = true;
        else
            look_ = capture();
    });
}

StopReason Kernel::run_hart(std::uint64_t max_instructions) {
    hart_runs_ = true;
    const StopReason reason = hart().run(max_instructions);
    hart_runs_ = false;
    if (std::exchange(look_is_due_, false)) look_ = capture();
    return reason;
}

void Kernel::set_provenance(bool on) {
    provenance_ = on ? std::make_unique<Provenance>(ram().base(), ram().page_count()) : nullptr;
}

Deed Kernel::deed() {
    Deed deed;
    deed.happened = true;
    deed.time = hart().state.retired;
    const RamStruct<Proc> p = myproc();
    if (!p) return deed;  // at boot, or in the scheduler

    deed.pid = p[&Proc::pid];
    deed.cause = hart().state.csr.scause;
    deed.epc = hart().state.csr.sepc;
    if (deed.cause == static_cast<std::uint64_t>(Cause::ecall_from_u) && p[&Proc::trapframe] != 0) {
        deed.syscall = trapframe(p)[&Trapframe::a7];
    }
    return deed;
}

void Kernel::store_pte(PhysAddr pte_address, std::uint64_t pte, VirtAddr va) {
    const std::uint64_t before = events() ? load<std::uint64_t>(pte_address) : 0;
    store(pte_address, pte);
    if (events()) {
        Event event{.kind = EventKind::pte_write};
        event.va = va.value;
        event.pa = pte_address.value;
        event.value = pte;
        event.result = before;
        emit(event);
    }
    if (hart().mmu.stale_check()) seams.attribute_pte_write(pte_address);
    if (provenance() && (pte & PTE_V) && pte_is_leaf(pte)) {
        if (FrameHistory* history = provenance()->of(PTE2PA(pte))) {
            history->mapped = deed();
            history->mapped_va = va.value;
        }
    }
}

}  // namespace hartlab
