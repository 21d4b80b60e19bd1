// What the guests share. A guest is one file with prepare() and work(); start.S calls them in S-mode under Sv39.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

enum { PAGE = 4096 };

// RAM of the board, mapped onto itself by 4 KiB pages; the guest may use all from `end` on.
#define RAM_BASE 0x80000000UL
#define RAM_END 0x88000000UL
extern u8 end[];

// Sv39 page-table entries [priv 4.4.1]. A and D are set beforehand, so that no run pays for setting them.
enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128 };
enum { PTE_KERNEL = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D };

// Once, before the work that is timed.
void prepare(void);
// The work, `rounds` times over. A checksum that depends on all of it, or WRONG when the guest's own check fails.
u64 work(u64 rounds);
enum { WRONG = 0 };

// Maps all RAM onto itself in tables that begin at `tables`, and returns the satp that selects them.
u64 map_ram(u64 *tables);
// How many u64s map_ram() fills: a root, a middle table, and a last one for each 2 MiB.
enum { MAP_RAM_WORDS = 512 * (2 + 64) };

static inline void set_satp(u64 satp) {
    __asm__ volatile("csrw satp, %0\n sfence.vma" ::"r"(satp) : "memory");
}

static inline u64 get_satp(void) {
    u64 satp;
    __asm__ volatile("csrr %0, satp" : "=r"(satp));
    return satp;
}

// A linear congruential generator: the same numbers for every compiler and simulator.
static inline u32 next_random(u64 *state) {
    *state = *state * 6364136223846793005UL + 1442695040888963407UL;
    return (u32)(*state >> 33);
}
