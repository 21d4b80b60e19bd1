// All that inspection needs of a machine or a kernel, live or saved, as one read-only view. Whatever it was made of must
// outlive it. Making one, and looking through it, changes nothing: no TLB entry, A or D bit, counter or event.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "inspect/memory_view.hpp"
#include "kernel/kernel.hpp"
#include "machine/machine.hpp"

namespace hartlab::inspect {

struct MachineView {
    MemoryView memory;
    const HartState* hart;
    const Tlb* tlb;
    std::uint64_t instructions_per_tick = 1;

    explicit MachineView(const Machine& machine, std::size_t hart_number = 0);
    explicit MachineView(const MachineState& state, std::uint64_t instructions_per_tick = 1);
};

/// Where a page table is, and under which ASID the hart would use it. pid is 0 for the kernel's own.
struct AddressSpace {
    std::uint16_t asid = 0;
    PhysAddr root;
    std::int32_t pid = 0;
};

struct KernelView {
    MachineView machine;
    Policies policies;
    BootStage booted;
    /// struct KernelData as it lies in RAM, copied when the view is made. Every number in it may be hostile.
    std::shared_ptr<const KernelData> data;

    explicit KernelView(Kernel& kernel);
    explicit KernelView(const KernelState& state, const Policies& policies = {},
                        std::uint64_t instructions_per_tick = 1);

    const MemoryView& memory() const { return machine.memory; }
    PhysAddr end() const { return kernel_end(memory().size()); }

    /// Where proc[slot] is, and the slot that a struct proc pointer means, if any.
    static PhysAddr proc_address(std::size_t slot);
    std::optional<std::size_t> slot_of(std::uint64_t pointer) const;
    /// The slot in use by `pid`; the first, should hostile data name it twice.
    std::optional<std::size_t> find_pid(std::int32_t pid) const;
    /// The pid behind a struct proc pointer; -1 when it is no pointer into proc[].
    std::int32_t pid_of(std::uint64_t pointer) const;
    /// The reference count of a frame of RAM, as it stands in RAM. Precondition: frame < memory().page_count().
    std::int32_t reference_count(std::uint64_t frame) const;

private:
    void load_data();
};

/// The address space that satp names, if it names one.
std::optional<AddressSpace> current_address_space(const MachineView& machine);
/// The page tables that TLB entries of each ASID came from: satp's first, then, where processes have ASIDs, theirs.
std::vector<AddressSpace> address_spaces(const KernelView& kernel);

}  // namespace hartlab::inspect
