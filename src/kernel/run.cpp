// Kernel::run: the hart executes user code until it traps; the kernel serves the trap; the scheduler has the hart between
// two processes. Between any two steps of this loop the machine's state is complete, and a run may stop there:
//
//   (a) a process is on the hart, in user mode
//   (b) it has trapped, and the kernel has not looked at that yet: S-mode, pc at stvec
//   (c) it is in a system call that gave up, or that it was just scheduled to go on with: S-mode, `restart` set
//   (d) no process is on the hart
#include <algorithm>
#include <stdexcept>

#include "hart/mstatus.hpp"
#include "kernel/scheduler.hpp"
#include "kernel/trap.hpp"

namespace hartlab {

namespace {

/// Between two looks at signals, in instructions.
constexpr std::uint64_t CHUNK = 2'000'000;

class Run {
public:
    Run(Kernel& kernel, const RunRequest& request) :
        kernel_(kernel), hart_(kernel.hart()), request_(request), first_retired_(hart_.state.retired),
        first_work_(kernel.work()), polled_at_(hart_.state.retired) {
        max_work_ = request.max_work != 0 ? request.max_work : request.max_instructions / 16 + 1'000'000;
        // A single call of a replaced function may cause as much work as the whole run: a loop without end is told from
        // the last straw.
        kernel.seams.work_budget = max_work_;
        // The instruction that a run begins with is executed although it has a breakpoint: the last run stopped there.
        if (kernel.myproc() && hart_.state.privilege == Privilege::U) passed_ = hart_.state.pc;
        if (kernel.myproc()) result_.pid = kernel.myproc()[&Proc::pid];
    }

    ~Run() { kernel_.seams.work_budget = Seams::DEFAULT_WORK; }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    KernelRun run() {
        std::optional<KernelStop> stop;
        while (!stop) stop = step();
        result_.reason = *stop;
        result_.instructions = hart_.state.retired - first_retired_;
        result_.work = kernel_.work() - first_work_;
        kernel_.forget_giving_up();
        return result_;
    }

private:
    std::optional<KernelStop> step() {
        if (interrupted()) return KernelStop::interrupted;
        const RamStruct<Proc> p = kernel_.myproc();
        if (!p) {
            if (kernel_.work() - first_work_ >= max_work_) return KernelStop::work;
            return choose();
        }
        result_.pid = p[&Proc::pid];
        if (hart_.state.privilege == Privilege::U) return user(p);
        if (kernel_.work() - first_work_ >= max_work_) return KernelStop::work;
        return serve(p);
    }

    bool interrupted() {
        const bool time_to_poll = hart_.state.retired - polled_at_ >= CHUNK;
        if (time_to_poll) polled_at_ = hart_.state.retired;
        const bool signal = time_to_poll && kernel_.interrupt_poll && kernel_.interrupt_poll();
        if (!signal && !hart_.stop_requested() && kernel_.may_continue(1)) return false;
        hart_.clear_stop();
        return true;
    }

    std::optional<KernelStop> choose() {
        Choice choice = schedule(kernel_);
        if (choice.turn == Turn::runs) {
            switched_ |= choice.switched;
            passed_.reset();
            return std::nullopt;
        }
        result_.pid = 0;
        result_.detail = std::move(choice.detail);
        return choice.turn == Turn::finished ? KernelStop::finished : KernelStop::idle;
    }

    /// The kernel's part: a trap, or a system call to go on with.
    std::optional<KernelStop> serve(RamStruct<Proc> p) {
        if (p[&Proc::restart] != 0) {
            resume_system_call(kernel_, p);
        } else {
            kernel_.usertrap();
        }
        // The slot is not reused before its parent has run.
        if (request_.at_exit && p[&Proc::state] == ZOMBIE) return KernelStop::exited;
        return std::nullopt;
    }

    std::optional<KernelStop> user(RamStruct<Proc> p) {
        if (request_.at_switch && std::exchange(switched_, false)) return KernelStop::switched;
        const std::uint64_t done = hart_.state.retired - first_retired_;
        if (done >= request_.max_instructions) return KernelStop::budget;
        const std::uint64_t until_tick = instructions_until_tick();
        if (until_tick == 0) {
            hart_.take_interrupt(INTERRUPT_STI);
            return trapped();
        }
        if (hart_.state.pc != passed_ && hart_.breakpoints().contains(hart_.state.pc)) return KernelStop::breakpoint;

        const std::uint64_t before = hart_.state.retired;
        const StopReason reason = kernel_.run_hart(std::min({request_.max_instructions - done, until_tick, CHUNK}));
        if (hart_.state.retired != before) passed_.reset();
        switch (reason) {
        case StopReason::budget: return std::nullopt;
        case StopReason::trap: return trapped();
        case StopReason::breakpoint: return KernelStop::breakpoint;
        case StopReason::watchpoint: return KernelStop::watchpoint;
        case StopReason::interrupted: return KernelStop::interrupted;
        case StopReason::waiting:    // wfi is illegal in user mode
        case StopReason::trap_loop:  // every trap stops the hart
        case StopReason::power_off:  // of a machine with a board
        case StopReason::reset:
        case StopReason::output: break;
        }
        kernel_.panic("kerneltrap", "run", hart_.state.pc,
                      "pid " + std::to_string(p[&Proc::pid]) + " made the hart wait for an interrupt");
    }

    std::optional<KernelStop> trapped() {
        ++result_.traps;
        const Csrs& csr = hart_.state.csr;
        if (hart_.state.privilege != Privilege::S) {
            kernel_.panic("kerneltrap", "run", csr.mepc, "a trap went to machine mode, where nobody serves it");
        }
        if (request_.at_trap) return KernelStop::trap;
        if (request_.at_syscall && csr.scause == static_cast<std::uint64_t>(Cause::ecall_from_u))
            return KernelStop::syscall;
        return std::nullopt;
    }

    /// 0 when the timer interrupt is due.
    std::uint64_t instructions_until_tick() const {
        const std::uint64_t now = hart_.time(), tick = kernel_.data()[&KernelData::next_tick];
        if (tick <= now) return 0;
        const std::uint64_t per_tick = hart_.instructions_per_tick;
        if (tick - now > ~std::uint64_t{0} / per_tick) return ~std::uint64_t{0};
        return (tick - now - 1) * per_tick + hart_.instructions_to_tick();
    }

    Kernel& kernel_;
    Hart& hart_;
    const RunRequest& request_;
    std::uint64_t first_retired_, first_work_, max_work_ = 0, polled_at_;
    /// Where a breakpoint does not count, until the instruction there has been executed.
    std::optional<std::uint64_t> passed_;
    bool switched_ = false;
    KernelRun result_;
};

}  // namespace

void Kernel::refuse_if_frozen() {
    if (!panicked()) return;
    const RamStruct<PanicRecord> record = data()[&KernelData::panic];
    const std::string text = read_string(record.address_of(&PanicRecord::text), sizeof(PanicRecord::text));
    const std::string function = read_string(record.address_of(&PanicRecord::function), sizeof(PanicRecord::function));
    const std::int32_t pid = record[&PanicRecord::pid];
    throw KernelPanic(text, function, pid, record[&PanicRecord::address],
                      "the kernel is frozen since it panicked: " + text + " (in " + function +
                          (pid != 0 ? ", pid " + std::to_string(pid) : "") + "); restore a snapshot to go on");
}

KernelRun Kernel::run(const RunRequest& request) {
    refuse_if_frozen();
    if (booted_ != BootStage::userinit) {
        throw std::logic_error("run: the kernel has not been booted as far as userinit, so there is no process");
    }
    forget_giving_up();
    hart().stop_on_trap = StopOnTrap::always;
    console_input({});
    return Run(*this, request).run();
}

}  // namespace hartlab
