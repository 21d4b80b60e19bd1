// sleep and wakeup: how a process waits for an event, which is named by an address, the channel.
#include "kernel/kernel.hpp"

namespace hartlab {

// Departs: xv6's sleep returns when the process is woken, on its own kernel stack. Here nothing of the kernel spans a
// switch: the system call returns "blocked", and is entered again from its beginning once the process is scheduled.
void Kernel::sleep(PhysAddr chan) {
    const RamStruct<Proc> p = myproc();
    if (!p) panic("sleep", "sleep", chan.value, "no process is running");
    acquire(p.address_of(&Proc::lock));
    p[&Proc::chan] = chan.value;
    p[&Proc::state] = SLEEPING;
    release(p.address_of(&Proc::lock));
}

namespace native {

/// Makes every process runnable that sleeps on `chan`.
// Departs: takes no locks. xv6's loop takes each p->lock in turn; nothing can run beside it here.
void wakeup(Kernel& kernel, PhysAddr chan) {
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamStruct<Proc> p = kernel.proc(slot);
        if (p[&Proc::state] == SLEEPING && p[&Proc::chan] == chan.value) p[&Proc::state] = RUNNABLE;
    }
}

}  // namespace native

}  // namespace hartlab
