// What stands in the kernel's text, KERNEL_TEXT to ETEXT. The model's functions are the engine's own, so there is no code
// to put there: pages 0 to 5 are nothing but `ebreak`, page 6 holds strings, and page 7, the trampoline, is real code
// (kernel/trampoline.cpp). The addresses below stand for functions wherever a struct in RAM has to hold one.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel/layout.hpp"

namespace hartlab {

class Kernel;

namespace kernel_text {
inline constexpr PhysAddr USERTRAP = KERNEL_TEXT + 0x100;   // trapframe.kernel_trap
inline constexpr PhysAddr KERNELVEC = KERNEL_TEXT + 0x200;  // stvec while the kernel runs
inline constexpr PhysAddr FORKRET = KERNEL_TEXT + 0x300;    // context.ra of a process that has not run yet
inline constexpr PhysAddr SCHED = KERNEL_TEXT + 0x400;      // context.ra of one that has switched away
inline constexpr PhysAddr SCHEDULER = KERNEL_TEXT + 0x500;  // where the hart is when no process runs
inline constexpr PhysAddr STRINGS = KERNEL_TEXT + 6 * PGSIZE;

/// Offsets in the trampoline page: stvec is TRAMPOLINE + USERVEC while a user program runs.
inline constexpr std::uint64_t USERVEC = 0;
inline constexpr std::uint64_t USERRET = 0x100;
}  // namespace kernel_text

/// The first bytes of the trampoline page, uservec and userret.
std::vector<std::uint8_t> trampoline_code();

/// The first process's program: 52 bytes for virtual address 0, which call exec("/init").
std::vector<std::uint8_t> initcode();

/// The engine's own /init, an ELF file.
std::vector<std::uint8_t> engine_init_program();

/// Writes what a boot loader would have put into RAM: text, initcode and the locks' names. RAM must be all zeros.
void write_kernel_image(Kernel& kernel);

}  // namespace hartlab
