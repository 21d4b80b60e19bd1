#include "inspect/processes.hpp"

#include "inspect/table_walker.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {

Fields ProcessRow::fields() {
    return {
        field("pid", &ProcessRow::pid, "process identifier"),
        field("slot", &ProcessRow::slot, "index in proc[]"),
        field("name", &ProcessRow::name, "name, as exec took it from the path"),
        field("state", &ProcessRow::state, "UNUSED, USED, SLEEPING, RUNNABLE, RUNNING or ZOMBIE"),
        field("code", &ProcessRow::code, "the state as a number"),
        field("parent", &ProcessRow::parent, "pid of the parent; 0 for none, -1 for a pointer that leads nowhere"),
        field("sz", &ProcessRow::sz, "size of user memory in bytes"),
        field("pages", &ProcessRow::pages,
              "user pages present: leaves of the page table below TRAPFRAME, in pages of 4 KiB"),
        field("tables", &ProcessRow::tables, "pages of the page table"),
        field("pagetable", &ProcessRow::pagetable, "physical address of the root page table"),
        field("trapframe", &ProcessRow::trapframe, "physical address of the trapframe page"),
        field("kstack", &ProcessRow::kstack, "virtual address of the kernel stack"),
        field("chan", &ProcessRow::chan, "what it sleeps on; 0 for nothing"),
        field("killed", &ProcessRow::killed, "has been killed and will exit"),
        field("xstate", &ProcessRow::xstate, "exit status, for the parent's wait"),
        field("current", &ProcessRow::current, "is the process on the hart"),
        field("restart", &ProcessRow::restart, "number of the system call that it waits in; 0 for none"),
        field("waits_in", &ProcessRow::waits_in, "name of that call"),
        field("deadline", &ProcessRow::deadline, "tick at which its sleep ends"),
        field("done", &ProcessRow::done, "bytes that the call has moved so far"),
        field("asid", &ProcessRow::asid, "address-space identifier; 0 unless ASIDs are in use"),
        field("born", &ProcessRow::born, "instructions retired when it was made"),
    };
}

Fields TrapframeRow::fields() {
    using T = Trapframe;
    const Fields words = {
        field("kernel_satp", &T::kernel_satp, "the kernel's satp"),
        field("kernel_sp", &T::kernel_sp, "top of the process's kernel stack"),
        field("kernel_trap", &T::kernel_trap, "address of usertrap"),
        field("epc", &T::epc, "the user's program counter"),
        field("kernel_hartid", &T::kernel_hartid, "the kernel's tp"),
        field("ra", &T::ra, "x1, return address"),
        field("sp", &T::sp, "x2, stack pointer"),
        field("gp", &T::gp, "x3, global pointer"),
        field("tp", &T::tp, "x4, thread pointer"),
        field("t0", &T::t0, "x5"),
        field("t1", &T::t1, "x6"),
        field("t2", &T::t2, "x7"),
        field("s0", &T::s0, "x8"),
        field("s1", &T::s1, "x9"),
        field("a0", &T::a0, "x10, first argument and result"),
        field("a1", &T::a1, "x11"),
        field("a2", &T::a2, "x12"),
        field("a3", &T::a3, "x13"),
        field("a4", &T::a4, "x14"),
        field("a5", &T::a5, "x15"),
        field("a6", &T::a6, "x16"),
        field("a7", &T::a7, "x17, number of the system call"),
        field("s2", &T::s2, "x18"),
        field("s3", &T::s3, "x19"),
        field("s4", &T::s4, "x20"),
        field("s5", &T::s5, "x21"),
        field("s6", &T::s6, "x22"),
        field("s7", &T::s7, "x23"),
        field("s8", &T::s8, "x24"),
        field("s9", &T::s9, "x25"),
        field("s10", &T::s10, "x26"),
        field("s11", &T::s11, "x27"),
        field("t3", &T::t3, "x28"),
        field("t4", &T::t4, "x29"),
        field("t5", &T::t5, "x30"),
        field("t6", &T::t6, "x31"),
    };
    Fields f = {
        field("pid", &TrapframeRow::pid, "the process"),
        field("slot", &TrapframeRow::slot, "its index in proc[]"),
        field("pa", &TrapframeRow::pa, "physical address of the trapframe page"),
    };
    append_nested(f, &TrapframeRow::words, words);
    return f;
}

Fields ContextRow::fields() {
    using C = ContextRow;
    return {
        field("pid", &C::pid, "the process"),
        field("slot", &C::slot, "its index in proc[]"),
        field("ra", &C::ra, "where swtch returns to"),
        field("sp", &C::sp, "kernel stack pointer"),
        field("s0", &C::s0, "x8"),
        field("s1", &C::s1, "x9"),
        field("s2", &C::s2, "x18"),
        field("s3", &C::s3, "x19"),
        field("s4", &C::s4, "x20"),
        field("s5", &C::s5, "x21"),
        field("s6", &C::s6, "x22"),
        field("s7", &C::s7, "x23"),
        field("s8", &C::s8, "x24"),
        field("s9", &C::s9, "x25"),
        field("s10", &C::s10, "x26"),
        field("s11", &C::s11, "x27"),
    };
}

namespace {

/// Counts one process's pages and tables. The budget is shared by all of them: as a frame is in one tree only, honest trees
/// have no more tables than RAM has frames; hostile ones are counted no further.
struct CountPages {
    std::uint64_t& table_budget;
    std::uint64_t pages = 0, tables = 0;

    bool table(PhysAddr, int, std::uint64_t) {
        if (table_budget == 0) return false;
        --table_budget;
        ++tables;
        return true;
    }
    bool entry(const TableEntry& e) {
        if (e.leaf() && e.problem == EntryProblem::none && e.va < TRAPFRAME) pages += leaf_size(e.level) / PGSIZE;
        return true;
    }
};

ProcessRow process_row(const KernelView& kernel, std::size_t slot) {
    const Proc& p = kernel.data->proc[slot];
    ProcessRow row{};
    row.slot = static_cast<std::int32_t>(slot);
    row.pid = p.pid;
    row.parent = kernel.pid_of(p.parent);
    row.code = p.state;
    set_text(row.state, proc_state_name(p.state));
    set_text(row.name, text_of(p.name));
    row.sz = p.sz;
    row.pagetable = p.pagetable;
    row.trapframe = p.trapframe;
    row.kstack = p.kstack;
    row.chan = p.chan;
    row.deadline = p.deadline;
    row.done = p.done;
    row.born = p.born;
    row.xstate = p.xstate;
    row.restart = p.restart;
    set_text(row.waits_in, p.restart > 0 ? syscall_name(static_cast<std::uint64_t>(p.restart)) : "");
    row.asid = p.asid;
    row.killed = p.killed != 0;
    row.current = kernel.data->cpus[0].proc == KernelView::proc_address(slot).value;
    return row;
}

}  // namespace

std::vector<ProcessRow> processes(const KernelView& kernel, bool unused, Poll poll) {
    const MemoryView& memory = kernel.memory();
    Interruption interruption(poll);
    std::uint64_t table_budget = memory.page_count();
    std::vector<ProcessRow> rows;
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const Proc& p = kernel.data->proc[slot];
        if (p.state == UNUSED && !unused) continue;
        ProcessRow row = process_row(kernel, slot);
        const PhysAddr root(p.pagetable);
        if (root && root.page_aligned() && memory.contains(root)) {
            CountPages count{table_budget};
            TableWalker(memory, interruption, count).walk(root);
            row.pages = count.pages;
            row.tables = count.tables;
        }
        rows.push_back(row);
    }
    return rows;
}

std::optional<TrapframeRow> trapframe(const KernelView& kernel, std::int32_t pid) {
    const std::optional<std::size_t> slot = kernel.find_pid(pid);
    if (!slot) return std::nullopt;
    const PhysAddr pa(kernel.data->proc[*slot].trapframe);
    const std::optional<Trapframe> words = kernel.memory().load<Trapframe>(pa);
    if (!words) return std::nullopt;
    return TrapframeRow{static_cast<std::int32_t>(*slot), pid, pa.value, *words};
}

std::vector<ContextRow> contexts(const KernelView& kernel) {
    std::vector<ContextRow> rows;
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const Proc& p = kernel.data->proc[slot];
        if (p.state == UNUSED) continue;
        const std::uint64_t* s = p.context.s;
        rows.push_back({static_cast<std::int32_t>(slot), p.pid, p.context.ra, p.context.sp, s[0], s[1], s[2], s[3],
                        s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11]});
    }
    return rows;
}

}  // namespace hartlab::inspect
