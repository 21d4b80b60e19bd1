// Processes made from outside: children of init, as though init had forked and the child had loaded the program.
#include "kernel/file.hpp"
#include "kernel/inode.hpp"
#include "kernel/proc.hpp"
#include "kernel/syscall.hpp"
#include "kernel/trap.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

namespace {

/// Makes a process and lets `load` give it a program, as the current process. Its pid, or -1 with nothing kept.
template <class Load>
int spawn_with(Kernel& kernel, Load&& load) {
    kernel.refuse_if_frozen();
    if (kernel.booted() != BootStage::userinit) {
        return kernel.fail(
            "spawn: the kernel has not been booted as far as userinit, so there is no init to be the parent");
    }
    kernel.why.clear();
    kernel.forget_giving_up();
    const RamStruct<Proc> init = kernel.proc(kernel.proc_slot(PhysAddr(kernel.data()[&KernelData::initproc]), "spawn"));
    const PhysAddr address = kernel.allocproc();
    if (!address) return -1;
    const RamStruct<Proc> p = kernel.at<Proc>(address);
    kernel.release(p.address_of(&Proc::lock));
    // Departs: registers start at 0; a fork would pass on init's.
    kernel.fill(PhysAddr(p[&Proc::trapframe]), 0, sizeof(Trapframe));

    const std::uint64_t current = kernel.mycpu()[&Cpu::proc];
    kernel.mycpu()[&Cpu::proc] = address.value;
    const int loaded = load(p);
    kernel.mycpu()[&Cpu::proc] = current;
    if (loaded < 0) {
        kernel.freeproc(address);
        if (!kernel.gave_up()) return -1;
        kernel.forget_giving_up();
        kernel.hart().clear_stop();
        throw Interrupted();
    }

    for (std::size_t fd = 0; fd < NOFILE; ++fd) {
        const PhysAddr file(init(&Proc::ofile, fd));
        p(&Proc::ofile, fd) = file ? filedup(kernel, file).value : 0;
    }
    const PhysAddr cwd(init[&Proc::cwd]);
    p[&Proc::cwd] = cwd ? idup(kernel, cwd).value : 0;
    p[&Proc::parent] = init.address().value;
    p[&Proc::state] = RUNNABLE;
    return p[&Proc::pid];
}

/// Copies code to the user pages from address 0 on, which are there.
void write_code(Kernel& kernel, PhysAddr pagetable, const std::vector<std::uint8_t>& code) {
    for (std::uint64_t va = 0; va < code.size(); va += PGSIZE) {
        const PhysAddr pa = kernel.walkaddr(pagetable, VirtAddr(va));
        if (!pa) kernel.panic("kerneltrap", "spawn", va, "uvmalloc has not mapped the page");
        kernel.write_bytes(pa, code.data() + va, std::min<std::uint64_t>(PGSIZE, code.size() - va));
    }
}

}  // namespace

int Kernel::spawn(const std::string& path, const std::vector<std::string>& arguments) {
    return spawn_with(*this, [&](RamStruct<Proc> p) {
        const int argc = exec_from_host(*this, path, arguments);
        if (argc >= 0) trapframe(p)[&Trapframe::a0] = static_cast<std::uint64_t>(argc);
        return argc;
    });
}

int Kernel::spawn_code(const std::vector<std::uint8_t>& code, const std::string& name) {
    if (code.empty()) return fail("spawn: there is no code");
    return spawn_with(*this, [&](RamStruct<Proc> p) {
        const PhysAddr pagetable(p[&Proc::pagetable]);
        const std::uint64_t guard = PGROUNDUP(code.size());
        const std::uint64_t top = guard + PGSIZE + policies().stack_pages * PGSIZE;
        // Code and data may share a page, as in the first process.
        if (uvmalloc(pagetable, 0, guard, PTE_W | PTE_X) == 0) return fail("spawn: no memory for the code");
        p[&Proc::sz] = guard;  // what freeproc has to free
        if (uvmalloc(pagetable, guard, top, PTE_W) == 0) return fail("spawn: no memory for the stack");
        p[&Proc::sz] = top;
        uvmclear(pagetable, VirtAddr(guard));
        write_code(*this, pagetable, code);
        trapframe(p)[&Trapframe::epc] = 0;
        trapframe(p)[&Trapframe::sp] = top;
        set_name(*this, p, name);
        return 0;
    });
}

}  // namespace hartlab
