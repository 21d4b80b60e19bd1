// fork: a second process that is the first one's copy.
#include "kernel/file.hpp"
#include "kernel/inode.hpp"
#include "kernel/proc.hpp"
#include "kernel/trap.hpp"
#include "kernel/vma.hpp"

namespace hartlab::native {

/// The child's pid in the parent; the child will see 0. -1 without a slot or memory, and then nothing has changed.
int fork(Kernel& kernel) {
    const RamStruct<Proc> p = kernel.myproc();
    const PhysAddr address = kernel.allocproc();
    if (!address) return -1;
    const RamStruct<Proc> np = kernel.at<Proc>(address);

    // The areas first: uvmcopy may change the parent's page table, and after it nothing must fail.
    const bool copied = copy_areas(kernel, p, np) && kernel.uvmcopy(PhysAddr(p[&Proc::pagetable]),
                                                                    PhysAddr(np[&Proc::pagetable]), p[&Proc::sz]) == 0;
    if (!copied) {
        kernel.freeproc(address);
        kernel.release(np.address_of(&Proc::lock));
        return kernel.fail("fork: uvmcopy found no memory for the child");
    }
    protect_areas(kernel, p);
    np[&Proc::sz] = p[&Proc::sz];

    kernel.copy(PhysAddr(np[&Proc::trapframe]), PhysAddr(p[&Proc::trapframe]), sizeof(Trapframe) + sizeof(FloatFrame));
    kernel.trapframe(np)[&Trapframe::a0] = 0;

    for (std::size_t fd = 0; fd < NOFILE; ++fd) {
        const PhysAddr file(p(&Proc::ofile, fd));
        if (file) np(&Proc::ofile, fd) = filedup(kernel, file).value;
    }
    const PhysAddr cwd(p[&Proc::cwd]);
    np[&Proc::cwd] = cwd ? idup(kernel, cwd).value : 0;
    kernel.copy(np.address_of(&Proc::name), p.address_of(&Proc::name), sizeof(Proc::name));

    const std::int32_t pid = np[&Proc::pid];
    kernel.release(np.address_of(&Proc::lock));
    kernel.acquire(kernel.data().address_of(&KernelData::wait_lock));
    np[&Proc::parent] = p.address().value;
    kernel.release(kernel.data().address_of(&KernelData::wait_lock));
    kernel.acquire(np.address_of(&Proc::lock));
    np[&Proc::state] = RUNNABLE;
    kernel.release(np.address_of(&Proc::lock));
    return pid;
}

}  // namespace hartlab::native
