// The scheduler: round robin over proc[], with the choice of the next process a seam, and the clock wound forward when
// nobody can run.
#include "kernel/scheduler.hpp"

#include <algorithm>

#include "hart/mstatus.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kernel_text.hpp"
#include "kernel/proc.hpp"
#include "kernel/syscall.hpp"
#include "kernel/trap.hpp"

namespace hartlab {

void sched(Kernel& kernel, RamStruct<Proc> p) {
    // Departs: for inspection only. xv6 comes back here by swtch; the model's processes go on by restart.
    p[&Proc::context][&Context::ra] = kernel_text::SCHED.value;
    p[&Proc::context][&Context::sp] = p[&Proc::kstack] + PGSIZE - sizeof(Context);
    kernel.mycpu()[&Cpu::context][&Context::ra] = kernel_text::SCHEDULER.value;
    if (p[&Proc::state] == ZOMBIE) note_exit(kernel, p);
    kernel.mycpu()[&Cpu::proc] = 0;
    kernel.hart().mmu.pid = 0;
    kernel.hart().state.pc = kernel_text::SCHEDULER.value;
}

namespace native {

/// The next process to run: the first RUNNABLE one in proc[], from where the last choice left off. 0 when there is none.
PhysAddr pick_next(Kernel& kernel) {
    const std::uint64_t start = kernel.data()[&KernelData::scheduler_next];
    for (std::uint64_t i = 0; i < NPROC; ++i) {
        const RamStruct<Proc> p = kernel.proc((start % NPROC + i) % NPROC);
        if (p[&Proc::state] == RUNNABLE) return p.address();
    }
    return {};
}

}  // namespace native

namespace {

bool sleeps_on_clock(Kernel& kernel, RamStruct<Proc> p) {
    return p[&Proc::state] == SLEEPING && p[&Proc::chan] == kernel.data().address_of(&KernelData::ticks).value;
}

/// Ticks until the first sleeper's alarm; nothing when nobody waits for the clock.
std::optional<std::uint32_t> next_alarm(Kernel& kernel) {
    std::optional<std::uint32_t> earliest;
    const std::uint32_t ticks = kernel.data()[&KernelData::ticks];
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamStruct<Proc> p = kernel.proc(slot);
        if (!sleeps_on_clock(kernel, p)) continue;
        const std::uint32_t left = std::max(static_cast<std::uint32_t>(p[&Proc::deadline]) - ticks, 1u);
        earliest = std::min(left, earliest.value_or(left));
    }
    return earliest;
}

/// init is alone, in a nap of one tick: the sign that it has nobody to wait for.
bool only_init_naps(Kernel& kernel) {
    const std::uint64_t init = kernel.data()[&KernelData::initproc];
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamStruct<Proc> p = kernel.proc(slot);
        if (p[&Proc::state] == UNUSED) continue;
        if (p.address().value != init || !sleeps_on_clock(kernel, p)) return false;
        if (static_cast<std::int32_t>(kernel.trapframe(p)[&Trapframe::a0]) != 1) return false;
    }
    return true;
}

/// Lets `n` ticks pass at once. Departs: xv6 would wake every sleeper at each of them, to go back to sleep.
void skip_ticks(Kernel& kernel, std::uint32_t n) {
    const RamStruct<KernelData> data = kernel.data();
    const std::uint64_t interval = kernel.config().timer_interval;
    data[&KernelData::ticks] += n - 1;
    data[&KernelData::next_tick] += (n - 1) * interval;
    const std::uint64_t now = kernel.hart().time(), then = data[&KernelData::next_tick];
    if (then > now) kernel.hart().state.time_base += then - now;
    if (kernel.events()) {
        kernel.emit(
            {.kind = EventKind::interrupt, .code = CAUSE_INTERRUPT | INTERRUPT_STI, .value = kernel.hart().state.pc});
    }
    clockintr(kernel);
}

std::string who_waits(Kernel& kernel) {
    std::string text;
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const std::string what = waits_for(kernel, slot);
        if (what.empty()) continue;
        const RamStruct<Proc> p = kernel.proc(slot);
        text += (text.empty() ? "" : "; ") + std::string("pid ") + std::to_string(p[&Proc::pid]) + " (" +
                name_of(kernel, p) + ") " + what;
    }
    return text;
}

/// When `p`, about to run, is another process than the one that ran last: who that was, or 0.
std::optional<std::int32_t> switched_from(Kernel& kernel, RamStruct<Proc> p) {
    const RamStruct<Proc> last = kernel.proc((kernel.data()[&KernelData::scheduler_next] + NPROC - 1) % NPROC);
    const bool first_run = p[&Proc::context][&Context::ra] == kernel_text::FORKRET.value;
    if (last == p) return first_run ? std::optional(0) : std::nullopt;
    return last[&Proc::pid].get();
}

}  // namespace

Choice schedule(Kernel& kernel) {
    const RamStruct<KernelData> data = kernel.data();
    if (kernel.hart().time() >= data[&KernelData::next_tick]) clockintr(kernel);
    for (bool clock_has_moved = false;; clock_has_moved = true) {
        kernel.charge(1);
        const PhysAddr next = kernel.pick_next();
        if (next) {
            const std::size_t slot = kernel.proc_slot(next, "scheduler");
            const RamStruct<Proc> p = kernel.proc(slot);
            if (p[&Proc::state] != RUNNABLE) {
                kernel.panic("scheduler", "scheduler", next.value, "pick_next chose a process that is not RUNNABLE");
            }
            const std::optional<std::int32_t> before = switched_from(kernel, p);
            data[&KernelData::scheduler_next] = (slot + 1) % NPROC;
            p[&Proc::state] = RUNNING;
            kernel.mycpu()[&Cpu::proc] = next.value;
            if (before && kernel.events()) {
                kernel.emit({.kind = EventKind::context_switch,
                             .pid = p[&Proc::pid],
                             .value = static_cast<std::uint64_t>(std::int64_t{*before})});
            }
            if (p[&Proc::restart] == 0) kernel.usertrapret(p);
            return {.turn = Turn::runs, .switched = before.has_value(), .detail = {}};
        }
        if (only_init_naps(kernel)) return {.turn = Turn::finished, .switched = false, .detail = {}};
        const std::optional<std::uint32_t> ticks = next_alarm(kernel);
        // Whoever waited for the clock is runnable after that, unless a replaced wakeup or pick_next will not have it.
        if (!ticks || clock_has_moved) return {.turn = Turn::idle, .switched = false, .detail = who_waits(kernel)};
        skip_ticks(kernel, *ticks);
    }
}

}  // namespace hartlab
