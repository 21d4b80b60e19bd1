// The kernel's own page table: physical memory at its own addresses, the trampoline at the top, stacks below it.
//
// The stacks belong to procinit, as in the older xv6: after kvminit the table holds devices, text, data and RAM, and the
// trampoline; procinit then calls proc_mapstacks and, since the table is already in use, kvminithart once more.
#include "base/bits.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"
#include "mmu/satp.hpp"

namespace hartlab {

namespace {

void identity(Kernel& kernel, PhysAddr pagetable, std::uint64_t start, std::uint64_t size, std::uint64_t perm) {
    kernel.kvmmap(pagetable, VirtAddr(start), PhysAddr(start), size, perm);
}

}  // namespace

namespace native {

/// Makes the kernel's page table: devices R W, text R X, data and RAM R W, each at its own address, and the trampoline at
/// the top. Policy `clint`: whether the CLINT is mapped. panic `kvminit` or `kvmmap` without memory.
void kvminit(Kernel& kernel) {
    const PhysAddr pagetable = kalloc_zeroed(kernel);
    if (!pagetable) kernel.panic("kvminit", "kvminit", 0, "no memory for the kernel's page table");
    // From here on, so that its mappings are not counted as a user's.
    kernel.data()[&KernelData::kernel_pagetable] = pagetable.value;
    kernel.note_table(pagetable);

    identity(kernel, pagetable, UART0, PGSIZE, PTE_R | PTE_W);
    identity(kernel, pagetable, VIRTIO0, PGSIZE, PTE_R | PTE_W);
    // Departs: where C code runs that takes the place of kernel functions.
    identity(kernel, pagetable, SEAM_STACK, SEAM_STACK_SIZE + SEAM_DATA_SIZE, PTE_R | PTE_W);
    identity(kernel, pagetable, SEAM_TEXT, SEAM_TEXT_SIZE, PTE_R | PTE_X);
    if (kernel.policies().clint == ClintPolicy::mapped) identity(kernel, pagetable, CLINT, CLINT_SIZE, PTE_R | PTE_W);
    identity(kernel, pagetable, PLIC, PLIC_SIZE, PTE_R | PTE_W);
    identity(kernel, pagetable, KERNBASE, ETEXT.value - KERNBASE, PTE_R | PTE_X);
    identity(kernel, pagetable, ETEXT.value, kernel.phystop() - ETEXT, PTE_R | PTE_W);
    kernel.kvmmap(pagetable, VirtAddr(TRAMPOLINE), TRAMPOLINE_PAGE, PGSIZE, PTE_R | PTE_X);
}

/// Adds a mapping to the kernel's table, before paging is on: nothing is fenced. panic `kvmmap` when it cannot.
void kvmmap(Kernel& kernel, PhysAddr pagetable, VirtAddr va, PhysAddr pa, std::uint64_t size, std::uint64_t perm) {
    if (kernel.mappages(pagetable, va, size, pa, perm) != 0) {
        kernel.panic("kvmmap", "kvmmap", va.value, "no memory for page-table pages");
    }
}

/// Where a kernel virtual address is in physical memory: of use for stacks, which are not mapped to themselves.
/// panic `kvmpa` when it is not mapped.
PhysAddr kvmpa(Kernel& kernel, VirtAddr va) {
    const PhysAddr pagetable(kernel.data()[&KernelData::kernel_pagetable]);
    const PhysAddr pte_address = kernel.walk(pagetable, va, false);
    const std::uint64_t pte = pte_address ? kernel.load<std::uint64_t>(pte_address) : 0;
    if (!(pte & PTE_V)) kernel.panic("kvmpa", "kvmpa", va.value, in_hex(va) + " is not mapped in the kernel's table");
    return PTE2PA(pte) + va.page_offset();
}

/// A page of kernel stack for each process, at KSTACK(p), with nothing mapped below it. panic `kalloc` without memory.
void proc_mapstacks(Kernel& kernel, PhysAddr pagetable) {
    for (std::uint64_t p = 0; p < NPROC; ++p) {
        const PhysAddr pa = kernel.kalloc();
        if (!pa) kernel.panic("kalloc", "proc_mapstacks", KSTACK(p), "no memory for kernel stack " + std::to_string(p));
        kernel.kvmmap(pagetable, VirtAddr(KSTACK(p)), pa, PGSIZE, PTE_R | PTE_W);
    }
}

/// Switches the hart to the kernel's table.
void kvminithart(Kernel& kernel) {
    Hart& hart = kernel.hart();
    hart.mmu.sfence_vma(std::nullopt, std::nullopt);  // what was written to the table before is visible from here on
    hart.state.csr.satp = MAKE_SATP(PhysAddr(kernel.data()[&KernelData::kernel_pagetable]));
    hart.synchronise_mmu();
    hart.mmu.sfence_vma(std::nullopt, std::nullopt);  // and no stale entry is left
}

}  // namespace native

}  // namespace hartlab
