// usertrap: what the kernel does with a trap from user mode, and where the process goes from there.
#include <cstdio>

#include "hart/mstatus.hpp"
#include "kernel/proc.hpp"
#include "kernel/scheduler.hpp"
#include "kernel/syscall.hpp"
#include "kernel/trap.hpp"

namespace hartlab {

namespace {

constexpr auto ECALL = static_cast<std::uint64_t>(Cause::ecall_from_u);
constexpr std::uint64_t TIMER = CAUSE_INTERRUPT | INTERRUPT_STI;

/// The process has done what it must not: it will exit, and the console says why in xv6's words and then in ours.
void kill_for_fault(Kernel& kernel, RamStruct<Proc> p) {
    const Csrs& csr = kernel.hart().state.csr;
    const std::int32_t pid = p[&Proc::pid];
    const auto hex = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    char text[320];
    std::snprintf(text, sizeof text,
                  "usertrap(): unexpected scause 0x%llx pid=%d\n"
                  "            sepc=0x%llx stval=0x%llx (pid %d, %s: scause 0x%llx, %s at pc 0x%llx, address 0x%llx)\n",
                  hex(csr.scause), pid, hex(csr.sepc), hex(csr.stval), pid, name_of(kernel, p).c_str(), hex(csr.scause),
                  cause_name(csr.scause), hex(csr.sepc), hex(csr.stval));
    kernel.console.print(text);
    kernel.exits.note_fault(pid, csr.scause, csr.sepc, csr.stval);
    p[&Proc::killed] = 1;
}

/// A trap has been served, or a system call gone on with: back to user mode, or to the scheduler.
void finish(Kernel& kernel, RamStruct<Proc> p, bool give_up_hart) {
    if (p[&Proc::state] == RUNNING && killed(p)) kernel.exit(-1);
    if (p[&Proc::state] != RUNNING) {
        sched(kernel, p);
    } else if (give_up_hart) {
        p[&Proc::state] = RUNNABLE;
        sched(kernel, p);
    } else {
        kernel.usertrapret(p);
    }
}

/// One system call, from its beginning or from where it blocked. epc is at the ecall, and stays there until it is done.
void system_call(Kernel& kernel, RamStruct<Proc> p) {
    const RamField<std::uint64_t> epc = kernel.trapframe(p)[&Trapframe::epc];
    epc += 4;  // already: fork's child goes on behind the ecall, and exec sets another
    switch (syscall(kernel, p)) {
    case CallEnd::gave_up:
        epc -= 4;
        return;  // the process stays on the hart, in the kernel, and goes on with the call in the next run()
    case CallEnd::blocked: epc -= 4; break;
    case CallEnd::returned:
    case CallEnd::gone: break;
    }
    finish(kernel, p, false);
}

}  // namespace

void Kernel::usertrap() {
    const RamStruct<Proc> p = myproc();
    proc_slot(p.address(), "usertrap");
    const Csrs& csr = hart().state.csr;
    if (csr.mstatus & MSTATUS_SPP) panic("usertrap: not from user mode", "usertrap", csr.sepc);
    uservec(*this, p);
    trapframe(p)[&Trapframe::epc] = csr.sepc;
    charge(1);

    if (csr.scause == ECALL) {
        if (!killed(p)) return system_call(*this, p);
    } else if (csr.scause == TIMER) {
        if (events()) emit({.kind = EventKind::interrupt, .code = csr.scause, .value = csr.sepc});
        clockintr(*this);
    } else if (!repair_fault(*this, p, csr.scause, csr.sepc, csr.stval)) {
        kill_for_fault(*this, p);
    }
    finish(*this, p, csr.scause == TIMER);
}

void resume_system_call(Kernel& kernel, RamStruct<Proc> p) {
    kernel.charge(1);
    system_call(kernel, p);
}

void clockintr(Kernel& kernel) {
    const RamStruct<KernelData> data = kernel.data();
    kernel.acquire(data.address_of(&KernelData::tickslock));
    data[&KernelData::ticks] += 1;
    kernel.wakeup(data.address_of(&KernelData::ticks));
    kernel.release(data.address_of(&KernelData::tickslock));
    const std::uint64_t now = kernel.hart().time(), interval = kernel.config().timer_interval;
    const RamField<std::uint64_t> next = data[&KernelData::next_tick];
    next += interval;
    if (next <= now) next = now + interval;  // someone has written to it
}

}  // namespace hartlab
