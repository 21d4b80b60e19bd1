// Control registers, fences, and the format of page-table entries. [priv chapters 3 and 4]
#pragma once
#include "types.h"

#define csr_read(name)                                   \
  ({                                                     \
    uint64 value_;                                       \
    asm volatile("csrr %0, " #name : "=r"(value_));      \
    value_;                                              \
  })
#define csr_write(name, value) asm volatile("csrw " #name ", %0" ::"r"((uint64)(value)) : "memory")
#define csr_set(name, bits) asm volatile("csrs " #name ", %0" ::"r"((uint64)(bits)) : "memory")
#define csr_clear(name, bits) asm volatile("csrc " #name ", %0" ::"r"((uint64)(bits)) : "memory")

#define MENVCFG 0x30a // by number: older assemblers do not know the names
#define STIMECMP 0x14d

#define SSTATUS_SIE (1UL << 1)
#define SSTATUS_SPIE (1UL << 5)
#define SSTATUS_SPP (1UL << 8)
#define SSTATUS_FS (1UL << 13) // floating point is on
#define MSTATUS_MPP_S (1UL << 11)
#define MSTATUS_MPP_M (3UL << 11)

#define INTERRUPT (1UL << 63) // in scause
#define SOFTWARE_S 1          // interrupts by their numbers in scause, mie and mip
#define TIMER_S 5
#define TIMER_M 7
#define EXTERNAL_S 9
#define ECALL_U 8 // exceptions by their numbers in scause
#define FETCH_PAGE_FAULT 12
#define LOAD_PAGE_FAULT 13
#define STORE_PAGE_FAULT 15

#define PTE_V (1UL << 0)
#define PTE_R (1UL << 1)
#define PTE_W (1UL << 2)
#define PTE_X (1UL << 3)
#define PTE_U (1UL << 4)
#define PTE_FLAGS(pte) ((pte) & 0x3ff)
#define PA2PTE(pa) (((uint64)(pa) >> 12) << 10)
#define PTE2PA(pte) (((pte) >> 10) << 12)
#define VPN(level, va) (((uint64)(va) >> (12 + 9 * (level))) & 511)
#define MAKE_SATP(table) (8UL << 60 | (uint64)(table) >> 12) // Sv39

static inline void interrupts_on(void) { csr_set(sstatus, SSTATUS_SIE); }
static inline void interrupts_off(void) { csr_clear(sstatus, SSTATUS_SIE); }
static inline int interrupts_are_on(void) { return (csr_read(sstatus) & SSTATUS_SIE) != 0; }
static inline void fence_vma(void) { asm volatile("sfence.vma" ::: "memory"); }
static inline void fence(void) { asm volatile("fence iorw, iorw" ::: "memory"); }

static inline int cpuid(void) { // the kernel keeps the hart's number in tp
  uint64 id;
  asm volatile("mv %0, tp" : "=r"(id));
  return (int)id;
}
