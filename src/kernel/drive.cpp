// System calls made for a process from outside, as though its next user instruction had been an ecall. The program does not
// notice: the registers that carry arguments are put back, and a process that is on the hart stays there.
#include <functional>

#include "kernel/errors.hpp"
#include "kernel/proc.hpp"
#include "kernel/scheduler.hpp"
#include "kernel/syscall.hpp"
#include "kernel/trap.hpp"

namespace hartlab {

namespace {

using Driven = Kernel::Driven;

RamStruct<Proc> ready_process(Kernel& kernel, std::int32_t pid) {
    const std::optional<std::size_t> slot = kernel.find_pid(pid);
    if (!slot) throw ProcessGone(pid, "there is no process " + std::to_string(pid));
    const RamStruct<Proc> p = kernel.proc(*slot);
    const std::string who = "pid " + std::to_string(pid) + " (" + name_of(kernel, p) + ")";
    const std::int32_t state = p[&Proc::state];
    if (state == ZOMBIE) {
        throw ProcessGone(pid, who + " has exited with status " + std::to_string(p[&Proc::xstate]));
    }
    if (p[&Proc::restart] != 0) {
        const std::string call = system_call_name(p[&Proc::restart]);
        const std::string what = waits_for(kernel, *slot);
        throw ProcessBusy(pid, call,
                          who + " is in a system call of its own, " + call + (what.empty() ? "" : " (" + what + ")") +
                              ", which must return before another can be made");
    }
    if (state != RUNNABLE && state != RUNNING) {
        throw ProcessBusy(pid, "", who + " is not ready to run: its state is " + state_name(state));
    }
    return p;
}

/// Makes `p` the current process, as a trap from its user code would, and gives the hart back afterwards.
class Visit {
public:
    Visit(Kernel& kernel, RamStruct<Proc> p) :
        kernel_(kernel), hart_(kernel.hart()), p_(p), hart_before_(hart_.state), current_(kernel.mycpu()[&Cpu::proc]),
        state_(p[&Proc::state]) {
        if (on_hart()) {
            const bool in_user = hart_.state.privilege == Privilege::U;
            const std::uint64_t epc = in_user ? hart_.state.pc : hart_.state.csr.sepc;
            if (in_user) hart_.set_privilege(Privilege::S);
            uservec(kernel, p);
            kernel.trapframe(p)[&Trapframe::epc] = epc;
        }
        // For the circumstances that provenance notes.
        hart_.state.csr.scause = static_cast<std::uint64_t>(Cause::ecall_from_u);
        hart_.state.csr.sepc = kernel.trapframe(p)[&Trapframe::epc];
        kernel.mycpu()[&Cpu::proc] = p.address().value;
        p[&Proc::state] = RUNNING;
        frame_ = kernel.load<Trapframe>(frame_address());
    }

    const Trapframe& frame() const { return frame_; }

    /// The process is as it was, but for what the call has done to its memory and files.
    void back_to_program() {
        kernel_.write_bytes(frame_address(), &frame_, sizeof frame_);
        p_[&Proc::state] = state_;
        p_[&Proc::chan] = 0;
        p_[&Proc::restart] = 0;
        p_[&Proc::deadline] = 0;
        p_[&Proc::done] = 0;
        if (!on_hart()) return back_to_others();
        // Its registers are those that it came with. A trap that it had taken is still to be handled.
        const std::uint64_t satp = user_satp(kernel_, p_);
        hart_.state = hart_before_;
        hart_.state.reservation.reset();
        switch_satp(kernel_, satp);
    }
    /// exec has given it another program; its registers are in the trapframe, and a trap of the old one is forgotten.
    void on_to_new_program() {
        p_[&Proc::state] = state_;
        if (!on_hart()) return back_to_others();
        kernel_.usertrapret(p_);
    }
    void gone() {
        sched(kernel_, p_);
        if (!on_hart()) back_to_others();
    }

private:
    bool on_hart() const { return current_ == p_.address().value; }
    PhysAddr frame_address() const { return PhysAddr(p_[&Proc::trapframe]); }
    /// Their translations were not touched: the call worked on the page tables in software.
    void back_to_others() {
        hart_.state = hart_before_;
        hart_.synchronise_mmu();
        kernel_.mycpu()[&Cpu::proc] = current_;
        hart_.mmu.pid = current_ != 0 ? kernel_.myproc()[&Proc::pid].get() : 0;
    }

    Kernel& kernel_;
    Hart& hart_;
    RamStruct<Proc> p_;
    HartState hart_before_;
    std::uint64_t current_;
    std::int32_t state_;
    Trapframe frame_{};
};

/// fork's child goes on where its parent's program would, with the registers that the parent's program has.
void set_child_registers(Kernel& kernel, std::uint64_t pid, const Trapframe& frame) {
    const std::optional<std::size_t> child = kernel.find_pid(static_cast<std::int32_t>(pid));
    if (child) kernel.write_bytes(PhysAddr(kernel.proc(*child)[&Proc::trapframe]), &frame, sizeof frame);
}

Driven drive_call(Kernel& kernel, std::int32_t pid, std::int32_t number, const std::array<std::uint64_t, 6>& arguments,
                  const std::function<CallEnd(RamStruct<Proc>)>& call) {
    kernel.refuse_if_frozen();
    const RamStruct<Proc> p = ready_process(kernel, pid);
    const PhysAddr old_pagetable(p[&Proc::pagetable]);
    Visit visit(kernel, p);

    const RamStruct<Trapframe> frame = kernel.trapframe(p);
    constexpr std::uint64_t Trapframe::* registers[] = {&Trapframe::a0, &Trapframe::a1, &Trapframe::a2,
                                                        &Trapframe::a3, &Trapframe::a4, &Trapframe::a5};
    for (std::size_t i = 0; i < arguments.size(); ++i) frame[registers[i]] = arguments[i];
    frame[&Trapframe::a7] = static_cast<std::uint64_t>(std::int64_t{number});

    CallEnd end = CallEnd::gone;
    if (killed(p)) {
        kernel.exit(-1);  // it was to die at its next trap, and this is one
    } else {
        end = call(p);
    }
    if (end == CallEnd::returned && killed(p)) {
        kernel.exit(-1);
        end = CallEnd::gone;
    }
    const std::uint64_t result = frame[&Trapframe::a0], done = p[&Proc::done];
    switch (end) {
    case CallEnd::returned:
        if (number == static_cast<std::int32_t>(SystemCallNumber::exec) && p[&Proc::pagetable] != old_pagetable.value) {
            visit.on_to_new_program();
            return {Driven::End::returned, result};
        }
        if (number == static_cast<std::int32_t>(SystemCallNumber::fork))
            set_child_registers(kernel, result, visit.frame());
        visit.back_to_program();
        return {Driven::End::returned, result};
    case CallEnd::blocked: visit.back_to_program(); return {Driven::End::blocked, done};
    case CallEnd::gone: visit.gone(); return {Driven::End::gone, 0};
    case CallEnd::gave_up: break;
    }
    visit.back_to_program();
    kernel.forget_giving_up();
    kernel.hart().clear_stop();
    throw Interrupted();
}

}  // namespace

Driven Kernel::drive(std::int32_t pid, std::uint64_t number, const std::array<std::uint64_t, 6>& arguments) {
    return drive_call(*this, pid, static_cast<std::int32_t>(number), arguments,
                      [this](RamStruct<Proc> p) { return syscall(*this, p); });
}

Driven Kernel::drive_exec(std::int32_t pid, const std::string& path, const std::vector<std::string>& arguments) {
    constexpr auto EXEC = static_cast<std::int32_t>(SystemCallNumber::exec);
    return drive_call(*this, pid, EXEC, {}, [&](RamStruct<Proc> p) {
        return make_call(*this, p, EXEC, [&](Kernel& kernel) -> std::optional<std::uint64_t> {
            return static_cast<std::uint64_t>(std::int64_t{exec_from_host(kernel, path, arguments)});
        });
    });
}

}  // namespace hartlab
