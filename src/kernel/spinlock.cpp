// Spinlocks. One hart runs the kernel, so a lock that is taken twice would spin for ever: xv6's panic says so instead.
#include "kernel/kernel.hpp"

namespace hartlab {

void Kernel::acquire(PhysAddr spinlock) {
    const RamStruct<Spinlock> lock = at<Spinlock>(spinlock);
    if (lock[&Spinlock::locked] != 0) panic("acquire", "acquire", spinlock.value, "the lock is held already");
    mycpu()[&Cpu::noff] += 1;
    lock[&Spinlock::locked] = 1;
    lock[&Spinlock::cpu] = mycpu().address().value;
    lock[&Spinlock::acquired] += 1;
}

void Kernel::release(PhysAddr spinlock) {
    const RamStruct<Spinlock> lock = at<Spinlock>(spinlock);
    if (lock[&Spinlock::locked] == 0) panic("release", "release", spinlock.value, "the lock is not held");
    lock[&Spinlock::cpu] = 0;
    lock[&Spinlock::locked] = 0;
    mycpu()[&Cpu::noff] -= 1;
}

}  // namespace hartlab
