// The process table: slots, pids, and the page table that every process starts with.
#include "kernel/proc.hpp"

#include <array>
#include <cstring>

#include "kernel/file.hpp"
#include "kernel/inode.hpp"
#include "kernel/kernel_text.hpp"
#include "kernel/vma.hpp"
#include "mmu/pte.hpp"

namespace hartlab {

void set_name(Kernel& kernel, RamStruct<Proc> p, std::string_view name) {
    std::array<char, sizeof(Proc::name)> field{};
    std::memcpy(field.data(), name.data(), std::min(name.size(), field.size() - 1));
    kernel.write_bytes(p.address_of(&Proc::name), field.data(), field.size());
}

void fence_after_unmapping(Kernel& kernel, RamStruct<Proc> p) {
    const std::int32_t asid = p[&Proc::asid];
    if (asid != 0) kernel.hart().mmu.sfence_vma(std::nullopt, static_cast<std::uint16_t>(asid));
}

namespace {

/// The kernel opens the console for init: descriptors 0, 1 and 2, one struct file.
/// Departs: xv6 leaves that to init's program. Here a process has a console before init has run, and whatever init runs.
void open_console(Kernel& kernel, RamStruct<Proc> p) {
    const PhysAddr address = filealloc(kernel);
    const PhysAddr ip = address ? namei(kernel, "console") : PhysAddr();
    if (!ip) kernel.panic("userinit", "userinit", 0, "no struct file or inode for the console");
    const RamStruct<File> f = kernel.at<File>(address);
    f[&File::type] = FD_DEVICE;
    f[&File::major] = CONSOLE;
    f[&File::readable] = 1;
    f[&File::writable] = 1;
    f[&File::ip] = ip.value;
    for (std::size_t fd = 0; fd < 3; ++fd) {
        p(&Proc::ofile, fd) = fd == 0 ? address.value : filedup(kernel, address).value;
    }
}

}  // namespace

namespace native {

/// Every slot unused, with the kernel stack that will serve whoever gets it. panic `kalloc` without memory for the stacks.
void procinit(Kernel& kernel) {
    kernel.proc_mapstacks(PhysAddr(kernel.data()[&KernelData::kernel_pagetable]));
    kernel.kvminithart();  // the table was in use while it grew
    for (std::size_t slot = 0; slot < NPROC; ++slot) {
        const RamStruct<Proc> p = kernel.proc(slot);
        p[&Proc::state] = UNUSED;
        p[&Proc::kstack] = KSTACK(slot);
    }
    kernel.data()[&KernelData::nextpid] = 1;
    kernel.data()[&KernelData::next_tick] = kernel.hart().time() + kernel.config().timer_interval;
}

/// Makes the first process, which will exec /init.
void userinit(Kernel& kernel) {
    const RamStruct<KernelData> data = kernel.data();
    const RamStruct<Proc> p = kernel.at<Proc>(kernel.allocproc());
    if (!p) kernel.panic("userinit", "userinit", 0, "no memory for the first process");
    data[&KernelData::initproc] = p.address().value;

    const PhysAddr pagetable(p[&Proc::pagetable]);
    const PhysAddr program = data.address_of(&KernelData::initcode);
    if (kernel.policies().first == FirstPolicy::uvminit) {
        kernel.uvminit(pagetable, program, initcode().size());
    } else {
        kernel.uvmfirst(pagetable, program, initcode().size());
    }
    p[&Proc::sz] = PGSIZE;
    const RamStruct<Trapframe> frame = kernel.trapframe(p);
    frame[&Trapframe::epc] = 0;
    frame[&Trapframe::sp] = PGSIZE;
    set_name(kernel, p, "initcode");
    p[&Proc::cwd] = namei(kernel, "/").value;
    open_console(kernel, p);
    p[&Proc::state] = RUNNABLE;
    kernel.release(p.address_of(&Proc::lock));
}

/// The next pid, from 1 on.
int allocpid(Kernel& kernel) {
    const RamStruct<KernelData> data = kernel.data();
    kernel.acquire(data.address_of(&KernelData::pid_lock));
    const std::int32_t pid = data[&KernelData::nextpid];
    // Departs: xv6's pids overflow. After 2,147,483,647 the next is 1 again; no process is so old that it matters.
    data[&KernelData::nextpid] = pid > 0 && pid < INT32_MAX ? pid + 1 : 1;
    kernel.release(data.address_of(&KernelData::pid_lock));
    return pid;
}

/// A process in state USED with an empty address space, its lock held. 0 when there is no slot or no memory.
PhysAddr allocproc(Kernel& kernel) {
    std::size_t slot = 0;
    while (slot < NPROC && kernel.proc(slot)[&Proc::state] != UNUSED) ++slot;
    kernel.charge(1);
    if (slot == NPROC) {
        kernel.fail("allocproc: all " + std::to_string(NPROC) + " slots of proc[] are in use");
        return {};
    }
    const RamStruct<Proc> p = kernel.proc(slot);
    kernel.acquire(p.address_of(&Proc::lock));
    p[&Proc::pid] = kernel.allocpid();
    p[&Proc::state] = USED;
    kernel.fill(p.address_of(&Proc::vm), 0, sizeof(Proc::vm));  // no areas, whatever the slot held
    p[&Proc::born] = kernel.hart().state.retired;
    p[&Proc::asid] = kernel.policies().asid == AsidPolicy::on ? static_cast<std::int32_t>(slot + 1) : 0;

    const PhysAddr trapframe = kernel.kalloc();
    if (trapframe) {
        p[&Proc::trapframe] = trapframe.value;
        // The words that xv6 knows keep kalloc's junk; behind them are the floating-point registers, which start at 0.
        kernel.fill(trapframe + sizeof(Trapframe), 0, PGSIZE - sizeof(Trapframe));
        p[&Proc::pagetable] = kernel.proc_pagetable(p.address()).value;
    }
    if (!trapframe || p[&Proc::pagetable] == 0) {
        kernel.freeproc(p.address());
        kernel.release(p.address_of(&Proc::lock));
        kernel.fail("allocproc: no memory for the trapframe and page table");
        return {};
    }
    kernel.fill(p.address_of(&Proc::context), 0, sizeof(Context));
    p[&Proc::context][&Context::ra] = kernel_text::FORKRET.value;
    p[&Proc::context][&Context::sp] = p[&Proc::kstack] + PGSIZE;
    return p.address();
}

/// Gives back what a process holds beyond its slot, and the slot. Its files must be closed already; its lock is held.
void freeproc(Kernel& kernel, PhysAddr address) {
    const RamStruct<Proc> p = kernel.at<Proc>(address);
    if (p[&Proc::trapframe] != 0) kernel.kfree(PhysAddr(p[&Proc::trapframe]));
    p[&Proc::trapframe] = 0;
    if (p[&Proc::pagetable] != 0) {
        drop_areas(kernel, p, PhysAddr(p[&Proc::pagetable]), "freeproc");
        kernel.proc_freepagetable(PhysAddr(p[&Proc::pagetable]), p[&Proc::sz]);
    }
    p[&Proc::pagetable] = 0;
    fence_after_unmapping(kernel,
                          p);  // the next owner of the slot gets the same ASID, and no translation of this one's
    p[&Proc::sz] = 0;
    p[&Proc::pid] = 0;
    p[&Proc::parent] = 0;
    set_name(kernel, p, "");
    p[&Proc::chan] = 0;
    p[&Proc::killed] = 0;
    p[&Proc::xstate] = 0;
    kernel.fill(p.address_of(&Proc::vm), 0, sizeof(Proc::vm));
    p[&Proc::restart] = 0;
    p[&Proc::asid] = 0;
    p[&Proc::deadline] = 0;
    p[&Proc::done] = 0;
    p[&Proc::born] = 0;
    p[&Proc::state] = UNUSED;
}

/// A page table with no user memory but with the two pages through which traps go. 0, and nothing kept, without memory.
PhysAddr proc_pagetable(Kernel& kernel, PhysAddr p) {
    const PhysAddr pagetable = kernel.uvmcreate();
    if (!pagetable) return {};
    // Neither page has U: only the supervisor uses them, on its way between the two address spaces.
    if (kernel.mappages(pagetable, VirtAddr(TRAMPOLINE), PGSIZE, TRAMPOLINE_PAGE, PTE_R | PTE_X) < 0) {
        kernel.uvmfree(pagetable, 0);
        return {};
    }
    const PhysAddr trapframe(kernel.at<Proc>(p)[&Proc::trapframe]);
    if (kernel.mappages(pagetable, VirtAddr(TRAPFRAME), PGSIZE, trapframe, PTE_R | PTE_W) < 0) {
        kernel.uvmunmap(pagetable, VirtAddr(TRAMPOLINE), 1, false);
        kernel.uvmfree(pagetable, 0);
        return {};
    }
    return pagetable;
}

/// Frees a process's page table and the user memory that it maps.
void proc_freepagetable(Kernel& kernel, PhysAddr pagetable, std::uint64_t sz) {
    kernel.uvmunmap(pagetable, VirtAddr(TRAMPOLINE), 1, false);
    kernel.uvmunmap(pagetable, VirtAddr(TRAPFRAME), 1, false);
    kernel.uvmfree(pagetable, sz);
}

}  // namespace native

}  // namespace hartlab
