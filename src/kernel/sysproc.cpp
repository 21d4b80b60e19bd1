// System calls about processes and their memory.
#include <algorithm>

#include "kernel/in_hex.hpp"
#include "kernel/proc.hpp"
#include "kernel/syscall.hpp"
#include "kernel/vma.hpp"

namespace hartlab {

namespace {

/// An xv6 int as a0 shows it: sign-extended.
std::uint64_t as_register(int value) { return static_cast<std::uint64_t>(std::int64_t{value}); }

/// sbrk that moves the size alone: pages come with the first touch.
int grow_lazily(Kernel& kernel, RamStruct<Proc> p, std::int32_t n) {
    const std::uint64_t sz = p[&Proc::sz];
    const std::uint64_t wanted = sz + static_cast<std::uint64_t>(n);
    if (wanted > TRAPFRAME || wanted < sz) {
        return kernel.fail("sbrk: " + in_hex(wanted) + " is beyond TRAPFRAME, the limit of user memory");
    }
    const std::uint64_t limit = size_limit(kernel, p, "sbrk");
    if (wanted > limit) {
        return kernel.fail("sbrk: " + in_hex(wanted) + " is beyond the area at " + in_hex(limit));
    }
    p[&Proc::sz] = wanted;
    return 0;
}

int shrink(Kernel& kernel, RamStruct<Proc> p, std::int32_t n) {
    const auto amount = static_cast<std::uint64_t>(-std::int64_t{n});
    if (amount > p[&Proc::sz]) {
        if (kernel.policies().shrink == ShrinkPolicy::wrap)
            return 0;  // the sum wraps to a larger size: nothing is freed
        return kernel.fail("sbrk: cannot give back " + std::to_string(amount) + " bytes of " +
                           std::to_string(p[&Proc::sz]));
    }
    if (kernel.policies().shrink_call == ShrinkCallPolicy::growproc) return kernel.growproc(n);
    return kernel.shrinkproc(static_cast<std::int32_t>(static_cast<std::uint32_t>(amount)));
}

bool wants_lazy(Kernel& kernel) {
    switch (kernel.policies().sbrk) {
    case SbrkPolicy::eager: return false;
    case SbrkPolicy::lazy: return true;
    case SbrkPolicy::call: break;
    }
    return argint(kernel, 1) != SBRK_EAGER;
}

}  // namespace

std::optional<std::uint64_t> sys_fork(Kernel& kernel) { return as_register(kernel.fork()); }

std::optional<std::uint64_t> sys_exit(Kernel& kernel) {
    kernel.exit(argint(kernel, 0));
    return std::nullopt;
}

std::optional<std::uint64_t> sys_wait(Kernel& kernel) {
    const std::optional<int> pid = wait(kernel, argaddr(kernel, 0));
    if (!pid) return std::nullopt;
    return as_register(*pid);
}

std::optional<std::uint64_t> sys_kill(Kernel& kernel) { return as_register(kernel.kill(argint(kernel, 0))); }

std::optional<std::uint64_t> sys_getpid(Kernel& kernel) { return as_register(kernel.myproc()[&Proc::pid]); }

std::optional<std::uint64_t> sys_sbrk(Kernel& kernel) {
    const RamStruct<Proc> p = kernel.myproc();
    const std::uint64_t old_size = p[&Proc::sz];
    const std::int32_t n = argint(kernel, 0);
    const int done = n < 0 ? shrink(kernel, p, n) : wants_lazy(kernel) ? grow_lazily(kernel, p, n) : kernel.growproc(n);
    return done < 0 ? as_register(-1) : old_size;
}

std::optional<std::uint64_t> sys_sleep(Kernel& kernel) {
    const RamStruct<Proc> p = kernel.myproc();
    const std::uint32_t ticks = kernel.data()[&KernelData::ticks];
    const auto n = static_cast<std::uint32_t>(std::max(argint(kernel, 0), 0));
    if (p[&Proc::restart] == 0) p[&Proc::deadline] = ticks + n;  // modulo 2^32, as ticks counts
    const std::uint32_t elapsed = ticks - (static_cast<std::uint32_t>(p[&Proc::deadline]) - n);
    if (elapsed >= n) return 0;
    if (killed(p)) return as_register(kernel.fail("sleep: the process was killed"));
    kernel.sleep(kernel.data().address_of(&KernelData::ticks));
    return std::nullopt;
}

std::optional<std::uint64_t> sys_uptime(Kernel& kernel) {
    const RamStruct<KernelData> data = kernel.data();
    kernel.acquire(data.address_of(&KernelData::tickslock));
    const std::uint32_t ticks = data[&KernelData::ticks];
    kernel.release(data.address_of(&KernelData::tickslock));
    return ticks;
}

// n is unsigned, so that a negative one is more than any process can have.
std::optional<std::uint64_t> sys_myalloc(Kernel& kernel) { return kernel.mygrowproc(argraw(kernel, 0)); }

std::optional<std::uint64_t> sys_myfree(Kernel& kernel) { return as_register(kernel.myreduceproc(argraw(kernel, 0))); }

}  // namespace hartlab
