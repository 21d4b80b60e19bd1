// The page table that start.S turns on: RAM onto itself, in 4 KiB pages.
#include "guest.h"

static u64 branch(const u64 *table) { return (u64)table >> 12 << 10 | PTE_V; }

u64 map_ram(u64 *tables) {
    u64 *root = tables, *middle = tables + 512, *last = tables + 1024;
    root[RAM_BASE >> 30 & 511] = branch(middle);
    for (u64 pa = RAM_BASE; pa < RAM_END; pa += PAGE) {
        u64 *table = last + 512 * ((pa - RAM_BASE) >> 21);
        middle[pa >> 21 & 511] = branch(table);
        table[pa >> 12 & 511] = pa >> 12 << 10 | PTE_KERNEL;
    }
    return 8UL << 60 | (u64)root >> 12;
}
