// The end of a process: exit, wait, kill, and what becomes of orphans.
#include "kernel/file.hpp"
#include "kernel/inode.hpp"
#include "kernel/proc.hpp"

namespace hartlab {

namespace native {

/// Gives p's children to init, which waits for whoever has no parent.
void reparent(Kernel& kernel, PhysAddr p) {
    const PhysAddr init(kernel.data()[&KernelData::initproc]);
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamField<std::uint64_t> parent = kernel.proc(slot)[&Proc::parent];
        if (parent != p.value) continue;
        parent = init.value;
        kernel.wakeup(init);
    }
}

/// Makes the current process a zombie, which it stays until its parent has waited for it. panic `init exiting`.
/// Departs: returns, where xv6's never does; whoever called it must leave the process alone from then on.
void exit(Kernel& kernel, int status) {
    const RamStruct<Proc> p = kernel.myproc();
    const RamStruct<KernelData> data = kernel.data();
    if (p.address().value == data[&KernelData::initproc]) {
        kernel.panic("init exiting", "exit", p.address().value, "status " + std::to_string(status));
    }

    for (std::size_t fd = 0; fd < NOFILE; ++fd) {
        const PhysAddr file(p(&Proc::ofile, fd));
        if (!file) continue;
        fileclose(kernel, file);
        p(&Proc::ofile, fd) = 0;
    }
    if (p[&Proc::cwd] != 0) iput(kernel, PhysAddr(p[&Proc::cwd]));
    p[&Proc::cwd] = 0;

    kernel.acquire(data.address_of(&KernelData::wait_lock));
    kernel.reparent(p.address());
    kernel.wakeup(PhysAddr(p[&Proc::parent]));  // which may be asleep in wait
    kernel.acquire(p.address_of(&Proc::lock));
    p[&Proc::xstate] = status;
    p[&Proc::state] = ZOMBIE;
    kernel.release(data.address_of(&KernelData::wait_lock));
    kernel.release(p.address_of(&Proc::lock));
}

/// The process will exit the next time it is about to return to user mode. -1 when there is none with that pid.
int kill(Kernel& kernel, int pid) {
    const std::optional<std::size_t> slot = kernel.find_pid(pid);
    if (!slot) return kernel.fail("kill: there is no process " + std::to_string(pid));
    const RamStruct<Proc> p = kernel.proc(*slot);
    kernel.acquire(p.address_of(&Proc::lock));
    p[&Proc::killed] = 1;
    if (p[&Proc::state] == SLEEPING) p[&Proc::state] = RUNNABLE;  // its call sees killed and gives up
    kernel.release(p.address_of(&Proc::lock));
    return 0;
}

}  // namespace native

std::optional<int> wait(Kernel& kernel, VirtAddr status) {
    const RamStruct<Proc> p = kernel.myproc();
    bool has_children = false;
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamStruct<Proc> child = kernel.proc(slot);
        if (child[&Proc::parent] != p.address().value || child[&Proc::state] == UNUSED) continue;
        has_children = true;
        if (child[&Proc::state] != ZOMBIE) continue;

        const std::int32_t pid = child[&Proc::pid];
        if (status && kernel.copyout(PhysAddr(p[&Proc::pagetable]), status, child.address_of(&Proc::xstate),
                                     sizeof(Proc::xstate)) < 0) {
            return kernel.fail("wait: the status cannot be written to the address given; the child stays a zombie");
        }
        kernel.acquire(child.address_of(&Proc::lock));
        kernel.freeproc(child.address());
        kernel.release(child.address_of(&Proc::lock));
        return pid;
    }
    if (!has_children) return kernel.fail("wait: the process has no children");
    if (killed(p)) return kernel.fail("wait: the process was killed");
    kernel.sleep(p.address());  // exit wakes its parent's struct proc
    return std::nullopt;
}

}  // namespace hartlab
