// A teaching kernel's boot: every free page filled byte by byte with junk and put on the free list, then the kernel's
// page table built from that list and turned on. Paging is off until then, as in such kernels.
#include "guest.h"

typedef struct run { struct run *next; } run;
static run *freelist;

__attribute__((noinline)) static void fill(void *to, int value, u32 n) {
    u8 *bytes = to;
    for (u32 i = 0; i < n; i++) bytes[i] = (u8)value;
}

static void kfree(void *page) {
    fill(page, 1, PAGE);
    run *r = page;
    r->next = freelist;
    freelist = r;
}

static void *kalloc(void) {
    run *r = freelist;
    if (r) {
        freelist = r->next;
        fill(r, 5, PAGE);
    }
    return r;
}

static u64 *new_table(void) {
    u64 *table = kalloc();
    if (table) fill(table, 0, PAGE);
    return table;
}

// The leaf entry for `va`, with the tables above it made on the way.
static u64 *walk(u64 *table, u64 va) {
    for (int level = 2; level > 0; level--) {
        u64 *pte = &table[va >> (12 + 9 * level) & 511];
        if (!(*pte & PTE_V)) {
            u64 *below = new_table();
            if (!below) return 0;
            *pte = (u64)below >> 12 << 10 | PTE_V;
        }
        table = (u64 *)(*pte >> 10 << 12);
    }
    return &table[va >> 12 & 511];
}

void prepare(void) { set_satp(0); }

u64 work(u64 rounds) {
    u64 free_pages = 0;
    for (u64 round = 0; round < rounds; round++) {
        set_satp(0);
        freelist = 0;
        for (u8 *page = end; page + PAGE <= (u8 *)RAM_END; page += PAGE) kfree(page);
        u64 *root = new_table();
        for (u64 pa = RAM_BASE; pa < RAM_END; pa += PAGE) {
            u64 *pte = walk(root, pa);
            if (!pte) return WRONG;
            *pte = pa >> 12 << 10 | PTE_KERNEL;
        }
        set_satp(8UL << 60 | (u64)root >> 12);
        free_pages = 0;
        for (run *r = freelist; r; r = r->next) {
            const u64 *words = (const u64 *)r;
            if (words[1] != 0x0101010101010101UL || words[PAGE / 8 - 1] != words[1]) return WRONG;
            free_pages++;
        }
        // All but the tables: a root, a middle one, and a last one for each 2 MiB.
        if (free_pages != (RAM_END - (u64)end) / PAGE - (2 + (RAM_END - RAM_BASE) / (2 << 20))) return WRONG;
    }
    return free_pages + 1;
}
