// Where things are in physical and in virtual memory, under xv6's names.
//
// Physical:                                   A process:
//   0x0200_0000  CLINT                          0                text, data, guard, stack, heap ... up to sz
//   0x0c00_0000  PLIC                           TRAPFRAME        the process's trapframe page (R W)
//   0x1000_0000  UART0                          TRAMPOLINE       the same page in every address space (R X)
//   0x1000_1000  VIRTIO0
//   0x1010_0000  the region of C code
//   0x8000_0000  KERNBASE: text, etext,       The kernel: physical memory at its own addresses, the trampoline at
//                data, end, free pages          TRAMPOLINE, and below it KSTACK(p), each above an unmapped guard page.
//   PHYSTOP      KERNBASE + size of RAM
#pragma once

#include <cstdint>

#include "base/address.hpp"

namespace hartlab {

inline constexpr std::uint64_t MAXVA = std::uint64_t{1} << 38;
inline constexpr std::uint64_t KERNBASE = 0x8000'0000;
inline constexpr std::uint64_t UART0 = 0x1000'0000;
inline constexpr std::uint64_t VIRTIO0 = 0x1000'1000;
inline constexpr std::uint64_t CLINT = 0x0200'0000;
inline constexpr std::uint64_t CLINT_SIZE = 0x1'0000;
inline constexpr std::uint64_t PLIC = 0x0c00'0000;
inline constexpr std::uint64_t PLIC_SIZE = 0x40'0000;
/// Where C code for the kernel has its stack, data and text (kernel/c_hart.hpp): near the devices, so that their page-table
/// pages map it too, and below it nothing.
inline constexpr std::uint64_t SEAM_STACK = 0x1010'0000;
inline constexpr std::uint64_t SEAM_STACK_SIZE = 0x1'0000;
inline constexpr std::uint64_t SEAM_DATA = SEAM_STACK + SEAM_STACK_SIZE;
inline constexpr std::uint64_t SEAM_DATA_SIZE = 0x1'0000;
inline constexpr std::uint64_t SEAM_TEXT = SEAM_DATA + SEAM_DATA_SIZE;
inline constexpr std::uint64_t SEAM_TEXT_SIZE = 0x2'0000;
inline constexpr std::uint64_t SEAM_REGION = SEAM_STACK;
inline constexpr std::uint64_t SEAM_SIZE = SEAM_STACK_SIZE + SEAM_DATA_SIZE + SEAM_TEXT_SIZE;
inline constexpr std::uint64_t TRAMPOLINE = MAXVA - PGSIZE;
inline constexpr std::uint64_t TRAPFRAME = TRAMPOLINE - PGSIZE;
constexpr std::uint64_t KSTACK(std::uint64_t p) { return TRAMPOLINE - (p + 1) * 2 * PGSIZE; }

inline constexpr int NPROC = 64;     // processes
inline constexpr int NCPU = 8;       // harts
inline constexpr int NOFILE = 16;    // open files of a process
inline constexpr int NFILE = 100;    // open files of the system
inline constexpr int NINODE = 50;    // files in use
inline constexpr int MAXARG = 32;    // exec arguments
inline constexpr int MAXPATH = 128;  // length of a path, its end included
inline constexpr int NVMA = 10;      // areas of a process; the first heads the list
inline constexpr int PIPESIZE = 512;
inline constexpr int INPUT_BUF_SIZE = 128;

}  // namespace hartlab
