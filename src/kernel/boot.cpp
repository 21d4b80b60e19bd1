// From power-on to the first process: what a boot loader and xv6's start() and main() do, in stages that can be looked at.
#include <stdexcept>
#include <utility>

#include "hart/mstatus.hpp"
#include "kernel/c_hart.hpp"
#include "kernel/in_hex.hpp"
#include "kernel/kalloc.hpp"
#include "kernel/kernel.hpp"
#include "kernel/kernel_text.hpp"

namespace hartlab {

namespace {

constexpr std::uint64_t MIN_RAM = std::uint64_t{1} << 20, MAX_RAM = std::uint64_t{1} << 30;

const KernelConfig& checked(const KernelConfig& config) {
    const std::uint64_t size = config.machine.ram_size;
    if (size < MIN_RAM || size > MAX_RAM) {
        throw std::invalid_argument("memory: a kernel needs 1 MiB to 1 GiB of RAM, not " + std::to_string(size) +
                                    " bytes");
    }
    if (size % PGSIZE != 0) {
        throw std::invalid_argument("memory: " + std::to_string(size) +
                                    " bytes are no whole number of pages (of 4096 bytes)");
    }
    if (config.policies.stack_pages == 0) {
        throw std::invalid_argument("stack_pages: a program needs at least 1 page of stack");
    }
    if (config.timer_interval == 0) {
        throw std::invalid_argument("timer_interval: must be at least 1 tick");
    }
    return config;
}

/// What machine mode sets up before the kernel: everything is the supervisor's, and the hart goes on in S-mode.
void start(Kernel& kernel) {
    Hart& hart = kernel.hart();
    Csrs& csr = hart.state.csr;
    csr.medeleg = 0xb3ff;  // every exception but a call from M-mode
    csr.mideleg = MIP_SSIP | MIP_STIP | MIP_SEIP;
    csr.mie = MIP_SSIP | MIP_STIP | MIP_SEIP;
    // Departs: xv6 leaves counters and floating point to the machine's mercy; here user programs have both.
    csr.mcounteren = csr.scounteren = 0b111;                                      // cycle, time, instret
    csr.mstatus = replace_bits(csr.mstatus, MSTATUS_FS, std::uint64_t{1} << 13);  // Initial
    csr.stvec = kernel_text::KERNELVEC.value;
    hart.state.pc = kernel_text::SCHEDULER.value;
    hart.set_privilege(Privilege::S);
    hart.synchronise_mmu();
    hart.stop_on_trap = StopOnTrap::to_supervisor;
}

}  // namespace

Kernel::Kernel(const KernelConfig& config) : config_(checked(config)), machine_(config_.machine) {
    // Behind the image: a stack for each process, the kernel's page table, and a few pages for the first process.
    const std::uint64_t frames = phystop() > end() ? (phystop() - end()) / PGSIZE : 0;
    if (frames < NPROC + 32) {
        throw std::invalid_argument("memory: " + std::to_string(ram().size()) + " bytes have no room for the kernel, " +
                                    "whose image ends at " + in_hex(end()) + ", and " + std::to_string(NPROC) +
                                    " stacks");
    }
    write_kernel_image(*this);
    files.add("/init", config_.init.empty() ? engine_init_program() : config_.init);
    start(*this);
    boot(config_.boot);
}

void Kernel::boot(BootStage stage) {
    using Step = void (*)(Kernel&);
    // Through the table of functions, as every call is.
    constexpr std::pair<BootStage, Step> steps[] = {
        {BootStage::kinit, [](Kernel& kernel) { kernel.kinit(); }},
        {BootStage::kvminit, [](Kernel& kernel) { kernel.kvminit(); }},
        {BootStage::kvminithart, [](Kernel& kernel) { kernel.kvminithart(); }},
        {BootStage::procinit, [](Kernel& kernel) { kernel.procinit(); }},
        {BootStage::userinit, [](Kernel& kernel) { kernel.userinit(); }},
    };
    for (const auto& [reached, step] : steps) {
        if (reached <= booted_ || reached > stage) continue;
        step(*this);
        booted_ = reached;
    }
}

}  // namespace hartlab
