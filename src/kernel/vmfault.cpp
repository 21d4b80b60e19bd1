// A fault on memory that was granted and never touched: the lazy half of sbrk.
#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"
#include "mmu/pte.hpp"

namespace hartlab::native {

/// Maps a zeroed page (W R U) for `va`, which must lie below the current process's sz and not be mapped. Returns its
/// physical address; 0 when `va` is no such address or there is no memory. Reads and writes are treated alike.
PhysAddr vmfault(Kernel& kernel, PhysAddr pagetable, VirtAddr va, bool /*read*/) {
    const RamStruct<Proc> p = kernel.myproc();
    if (!p || va.value >= p[&Proc::sz] || va.value >= MAXVA) return PhysAddr(0);

    va = va.page_base();
    if (kernel.ismapped(pagetable, va)) return PhysAddr(0);
    const PhysAddr mem = kalloc_zeroed(kernel);
    if (!mem) return PhysAddr(0);
    if (kernel.mappages(pagetable, va, PGSIZE, mem, PTE_W | PTE_U | PTE_R) != 0) {
        kernel.kfree(mem);
        return PhysAddr(0);
    }
    return mem;
}

}  // namespace hartlab::native
