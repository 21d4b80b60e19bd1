#include "inspect/state_view.hpp"

#include <cstddef>

#include "mmu/satp.hpp"

namespace hartlab::inspect {

MachineView::MachineView(const Machine& machine, std::size_t hart_number) :
    memory(machine.ram()), hart(&machine.hart(hart_number).state), tlb(&machine.hart(hart_number).mmu.tlb),
    instructions_per_tick(machine.config().instructions_per_tick) {}

MachineView::MachineView(const MachineState& state, std::uint64_t instructions_per_tick_) :
    memory(state.ram), hart(&state.hart()), tlb(&state.tlb()), instructions_per_tick(instructions_per_tick_) {}

KernelView::KernelView(Kernel& kernel) :
    machine(kernel.machine()), policies(kernel.policies()), booted(kernel.booted()) {
    load_data();
}

KernelView::KernelView(const KernelState& state, const Policies& policies_, std::uint64_t instructions_per_tick) :
    machine(state.machine, instructions_per_tick), policies(policies_), booted(state.booted) {
    load_data();
}

void KernelView::load_data() {
    auto copy = std::make_shared<KernelData>();
    memory().read(KERNEL_DATA, copy.get(), sizeof(KernelData));  // RAM too small for a kernel leaves it zero
    data = std::move(copy);
}

PhysAddr KernelView::proc_address(std::size_t slot) {
    return KERNEL_DATA + offsetof(KernelData, proc) + slot * sizeof(Proc);
}

std::optional<std::size_t> KernelView::slot_of(std::uint64_t pointer) const {
    const std::uint64_t offset = pointer - proc_address(0).value;
    if (offset % sizeof(Proc) != 0 || offset / sizeof(Proc) >= NPROC) return std::nullopt;
    return offset / sizeof(Proc);
}

std::optional<std::size_t> KernelView::find_pid(std::int32_t pid) const {
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        if (data->proc[slot].state != UNUSED && data->proc[slot].pid == pid) return slot;
    }
    return std::nullopt;
}

std::int32_t KernelView::pid_of(std::uint64_t pointer) const {
    if (pointer == 0) return 0;
    const std::optional<std::size_t> slot = slot_of(pointer);
    return slot ? data->proc[*slot].pid : -1;
}

std::int32_t KernelView::reference_count(std::uint64_t frame) const {
    return memory().load<std::int32_t>(REFERENCE_COUNTS + frame * sizeof(std::int32_t)).value_or(0);
}

std::optional<AddressSpace> current_address_space(const MachineView& machine) {
    const std::uint64_t satp = machine.hart->csr.satp;
    if (satp_mode(satp) != SATP_MODE_SV39) return std::nullopt;
    return AddressSpace{satp_asid(satp), satp_root(satp), 0};
}

std::vector<AddressSpace> address_spaces(const KernelView& kernel) {
    std::vector<AddressSpace> spaces;
    if (const std::optional<AddressSpace> current = current_address_space(kernel.machine)) spaces.push_back(*current);
    const bool asids = kernel.policies.asid == AsidPolicy::on;
    if (asids && kernel.data->kernel_pagetable) spaces.push_back({0, PhysAddr(kernel.data->kernel_pagetable), 0});
    for (const Proc& p : kernel.data->proc) {
        if (p.state == UNUSED || p.pagetable == 0) continue;
        if (!spaces.empty() && spaces[0].root.value == p.pagetable) spaces[0].pid = p.pid;
        if (asids) spaces.push_back({static_cast<std::uint16_t>(p.asid), PhysAddr(p.pagetable), p.pid});
    }
    return spaces;
}

}  // namespace hartlab::inspect
