// The kernel's instruments: the event trace and the provenance of frames. Off, each costs a test of a null pointer.
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

void Kernel::set_tracing(std::size_t capacity) {
    hart().mmu.events = nullptr;
    events_ = capacity == 0 ? nullptr : std::make_unique<EventRing>(capacity);
    hart().mmu.events = events_.get();
    begin_observing();
}

void Kernel::begin_observing() { tables_ = events_ || provenance_ ? std::make_unique<PageTablePages>(*this) : nullptr; }

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
    begin_observing();
}

FrameHistory* Kernel::history_of(PhysAddr pa) { return provenance_ ? provenance_->of(pa) : nullptr; }

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

// -- what has been done, by the engine's functions and by those that take their place -------------------------------------

void Kernel::note_kalloc(PhysAddr pa) {
    if (events()) emit({.kind = EventKind::kalloc, .pa = pa.value});
    if (FrameHistory* history = pa ? history_of(pa) : nullptr) history->allocated = deed();
}

void Kernel::note_kfree(PhysAddr pa) {
    tables_->freed(pa);
    if (events()) emit({.kind = EventKind::kfree, .pa = pa.value});
    if (FrameHistory* history = history_of(pa)) history->freed = deed();
}

void Kernel::note_table(PhysAddr root) {
    if (observed()) tables_->add_root(*this, root);
}

void Kernel::note_exec(int result) {
    if (!events()) return;
    const std::uint64_t entry = result < 0 ? 0 : trapframe(myproc())[&Trapframe::epc].get();
    emit({.kind = EventKind::exec, .value = entry, .result = static_cast<std::uint64_t>(std::int64_t{result})});
}

void Kernel::note_pte(PhysAddr address, std::uint64_t before) {
    const std::uint64_t pte = load<std::uint64_t>(address);
    const VirtAddr va = tables_->va_of(address).value_or(VirtAddr(0));
    tables_->pte_stored(*this, address, pte);
    if (events()) {
        emit({.kind = EventKind::pte_write, .va = va.value, .pa = address.value, .value = pte, .result = before});
    }
    if (!(pte & PTE_V) || !pte_is_leaf(pte)) return;
    if (FrameHistory* history = history_of(PTE2PA(pte))) {
        history->mapped = deed();
        history->mapped_va = va.value;
    }
}

void Kernel::store_pte(PhysAddr pte_address, std::uint64_t pte) {
    const std::uint64_t before = observed() ? load<std::uint64_t>(pte_address) : 0;
    store(pte_address, pte);
    if (hart().mmu.stale_check()) seams.attribute_pte_write(pte_address);
    if (observed()) note_pte(pte_address, before);
}

std::uint64_t Kernel::word_at(PhysAddr pa) {
    const PhysAddr word(pa.value & ~std::uint64_t{7});
    return observed() && ram().contains(word, 8) ? load<std::uint64_t>(word) : 0;
}

void Kernel::note_store(PhysAddr pa, std::uint64_t before) {
    const PhysAddr word(pa.value & ~std::uint64_t{7});
    if (observed() && tables_->va_of(word)) note_pte(word, before);
}

void Kernel::note_call(FunctionId id, std::span<const std::uint64_t> words) {
    if (id == FunctionId::kfree) tables_->freed(PhysAddr(words[0]));  // what it stores there are no PTEs any more
    const std::size_t roots = page_table_parameters(id);
    for (std::size_t i = 0; i < roots; ++i) note_table(PhysAddr(words[i]));
}

void Kernel::note_performed(FunctionId id, std::span<const std::uint64_t> words, std::uint64_t result) {
    switch (id) {
    case FunctionId::kalloc: return note_kalloc(PhysAddr(result));
    case FunctionId::kfree: return note_kfree(PhysAddr(words[0]));
    case FunctionId::exec: return note_exec(static_cast<int>(static_cast<std::uint32_t>(result)));
    case FunctionId::uvmcreate:
    case FunctionId::proc_pagetable: return note_table(PhysAddr(result));
    default: return;
    }
}

}  // namespace hartlab
