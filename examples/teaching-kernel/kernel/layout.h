// What lies where: devices and RAM of QEMU's virt board, and the kernel's own choices.
// Used by assembly too, so this file holds nothing but #define lines.
#pragma once

// ---- Choices that build.py may make ----
#ifndef MEMORY_MIB
#define MEMORY_MIB 128
#endif
#ifndef TICK
#define TICK 100000 // of mtime's 10 MHz: a hundred ticks a second
#endif

#define NCPU 8
#define NPROC 32
#define NFILE 8   // open files of a process
#define MAXARG 8  // of exec
#define MAXPATH 32

// ---- Physical memory ----
#define TEST 0x100000UL // power
#define CLINT 0x2000000UL
#define CLINT_MTIMECMP 0x2004000UL // 8 bytes for each hart
#define CLINT_MTIME 0x200bff8UL
#define PLIC 0xc000000UL
#define UART0 0x10000000UL
#define UART0_IRQ 10
#define VIRTIO0 0x10001000UL
#define VIRTIO0_IRQ 1
#define KERNBASE 0x80000000UL
#define PHYSTOP (KERNBASE + (MEMORY_MIB * 0x100000UL))

// ---- Virtual memory ----
// RAM and devices are mapped onto themselves in the kernel. At the top of every address space is the page with
// the code of traps from user mode; below it a process has its trapframe, and the kernel a stack for each
// process with a hole under it.
#define PGSIZE 4096
#define MAXVA (1UL << 38) // half of Sv39: no sign to extend
#define TRAMPOLINE (MAXVA - PGSIZE)
#define TRAPFRAME (TRAMPOLINE - PGSIZE)
#define KSTACK(slot) (TRAMPOLINE - ((slot) + 1) * 2UL * PGSIZE)

#define PGROUNDUP(a) (((a) + PGSIZE - 1) & ~(PGSIZE - 1UL))
#define PGROUNDDOWN(a) ((a) & ~(PGSIZE - 1UL))
