// Address spaces: satp to another one and back, a full sfence.vma after each, then a load from each of 16 pages.
#include "guest.h"

enum { LOADS = 16 };
static u64 other_tables[MAP_RAM_WORDS] __attribute__((aligned(4096)));
static u64 pages[LOADS][PAGE / 8] __attribute__((aligned(4096)));
static u64 home, other;

void prepare(void) {
    home = get_satp();
    other = map_ram(other_tables);
    for (u64 i = 0; i < LOADS; i++) pages[i][i * 8] = i + 1;
}

u64 work(u64 rounds) {
    u64 sum = 1;
    for (u64 round = 0; round < rounds; round++) {
        set_satp(other);
        set_satp(home);
        for (u64 i = 0; i < LOADS; i++) sum += *(volatile u64 *)&pages[i][i * 8];
    }
    return sum == 1 + rounds * LOADS * (LOADS + 1) / 2 ? sum : WRONG;
}
