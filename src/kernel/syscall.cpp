// The system call table, and what all calls have in common: arguments, result, restart, trace.
#include "kernel/syscall.hpp"

#include <array>

#include "kernel/in_hex.hpp"
#include "kernel/proc.hpp"
#include "kernel/vma.hpp"

namespace hartlab {

namespace {

SystemCall find_call(std::int32_t number) {
    switch (number) {
#define X(value, name)                                                                                                 \
    case value: return sys_##name;
        HARTLAB_SYSTEM_CALLS(X)
#undef X
    default: return nullptr;
    }
}

void emit_call(Kernel& kernel, RamStruct<Proc> p, std::int32_t number) {
    if (!kernel.events()) return;
    const auto frame = kernel.load<Trapframe>(PhysAddr(p[&Proc::trapframe]));
    Event event{.kind = EventKind::syscall, .pid = p[&Proc::pid]};
    event.code = static_cast<std::uint64_t>(std::int64_t{number});
    event.value = frame.epc;
    const std::uint64_t args[6] = {frame.a0, frame.a1, frame.a2, frame.a3, frame.a4, frame.a5};
    std::copy(std::begin(args), std::end(args), event.args);
    kernel.syscall_events[kernel.proc_slot(p.address(), "syscall")] = kernel.emit(event);
}

/// The ring may have dropped the call's event, or have been replaced: then there is nothing to fill in.
void fill_in_result(Kernel& kernel, RamStruct<Proc> p, std::int32_t number, std::uint64_t result) {
    if (!kernel.events()) return;
    Event* event = kernel.events()->find(kernel.syscall_events[kernel.proc_slot(p.address(), "syscall")]);
    if (event && event->kind == EventKind::syscall && event->pid == p[&Proc::pid] &&
        event->code == static_cast<std::uint64_t>(std::int64_t{number})) {
        event->result = result;
    }
}

std::uint64_t unknown_call(Kernel& kernel, RamStruct<Proc> p, std::int32_t number) {
    kernel.console.print(std::to_string(p[&Proc::pid]) + " " + name_of(kernel, p) + ": unknown sys call " +
                         std::to_string(number) + "\n");
    return static_cast<std::uint64_t>(std::int64_t{kernel.fail("there is no system call " + std::to_string(number))});
}

std::int32_t parent_of(Kernel& kernel, RamStruct<Proc> p) {
    const std::uint64_t parent = p[&Proc::parent];
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        if (kernel.proc(slot).address().value == parent) return kernel.proc(slot)[&Proc::pid];
    }
    return 0;
}

}  // namespace

std::string system_call_name(std::int32_t number) {
    switch (number) {
#define X(value, name)                                                                                                 \
    case value: return #name;
        HARTLAB_SYSTEM_CALLS(X)
#undef X
    default: return "call " + std::to_string(number);
    }
}

CallEnd make_call(Kernel& kernel, RamStruct<Proc> p, std::int32_t number,
                  const std::function<std::optional<std::uint64_t>(Kernel&)>& call) {
    kernel.why.clear();
    kernel.forget_giving_up();
    if (p[&Proc::restart] == 0) {
        p[&Proc::deadline] = 0;
        p[&Proc::done] = 0;
        emit_call(kernel, p, number);
    } else {
        p[&Proc::chan] = 0;  // it has been woken
    }
    const std::optional<std::uint64_t> result = call(kernel);
    if (p[&Proc::state] == ZOMBIE) return CallEnd::gone;
    // A call that failed because it gave up is as though it had not begun. One that was done nevertheless is done.
    const bool unfinished = kernel.gave_up() && (!result || *result == ~std::uint64_t{0});
    if (unfinished || !result) {
        p[&Proc::restart] = number;
        return p[&Proc::state] == SLEEPING ? CallEnd::blocked : CallEnd::gave_up;
    }
    kernel.trapframe(p)[&Trapframe::a0] = *result;
    p[&Proc::restart] = 0;
    p[&Proc::deadline] = 0;
    p[&Proc::done] = 0;
    fill_in_result(kernel, p, number, *result);
    return CallEnd::returned;
}

CallEnd syscall(Kernel& kernel, RamStruct<Proc> p) {
    const std::int32_t restarted = p[&Proc::restart];
    const std::int32_t number =
        restarted != 0 ? restarted : static_cast<std::int32_t>(kernel.trapframe(p)[&Trapframe::a7].get());
    if (const SystemCall call = find_call(number)) return make_call(kernel, p, number, call);
    return make_call(kernel, p, number, [&](Kernel& k) { return std::optional(unknown_call(k, p, number)); });
}

void note_exit(Kernel& kernel, RamStruct<Proc> p) {
    const std::int32_t pid = p[&Proc::pid], status = p[&Proc::xstate];
    kernel.exits.add({.pid = pid,
                      .parent = parent_of(kernel, p),
                      .status = status,
                      .name = name_of(kernel, p),
                      .time = kernel.hart().state.retired});
    if (!kernel.events()) return;
    kernel.emit(
        {.kind = EventKind::process_exit, .pid = pid, .value = static_cast<std::uint64_t>(std::int64_t{status})});
}

// -- arguments --------------------------------------------------------------------------------------------------------

std::uint64_t argraw(Kernel& kernel, int n) {
    const RamStruct<Trapframe> frame = kernel.trapframe(kernel.myproc());
    constexpr std::uint64_t Trapframe::* registers[] = {&Trapframe::a0, &Trapframe::a1, &Trapframe::a2,
                                                        &Trapframe::a3, &Trapframe::a4, &Trapframe::a5};
    return frame[registers[n]];
}

bool fetchstr(Kernel& kernel, VirtAddr va, PhysAddr buffer, std::uint64_t max) {
    return kernel.copyinstr(PhysAddr(kernel.myproc()[&Proc::pagetable]), buffer, va, max) >= 0;
}

std::optional<std::uint64_t> fetchaddr(Kernel& kernel, VirtAddr va) {
    const RamStruct<Proc> p = kernel.myproc();
    const std::uint64_t sz = p[&Proc::sz];
    const bool below_sz = va.value < sz && sz - va.value >= sizeof(std::uint64_t);
    if (!below_sz && !in_an_area(kernel, p, va, sizeof(std::uint64_t))) return std::nullopt;
    const PhysAddr buffer = kernel.data().address_of(&KernelData::bio);
    if (kernel.copyin(PhysAddr(p[&Proc::pagetable]), buffer, va, sizeof(std::uint64_t)) < 0) return std::nullopt;
    return kernel.load<std::uint64_t>(buffer);
}

std::optional<std::string> argpath(Kernel& kernel, int n) {
    const VirtAddr va = argaddr(kernel, n);
    const PhysAddr buffer = kernel.data().address_of(&KernelData::path);
    if (!fetchstr(kernel, va, buffer, MAXPATH)) {
        kernel.fail("the path at " + in_hex(va) + " cannot be read, or is longer than " + std::to_string(MAXPATH - 1) +
                    " characters");
        return std::nullopt;
    }
    return kernel.read_string(buffer, MAXPATH);
}

}  // namespace hartlab
