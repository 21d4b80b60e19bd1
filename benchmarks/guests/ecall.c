// Traps: an ecall from S-mode to the handler in start.S, which steps over it and returns.
#include "guest.h"

void prepare(void) {}

u64 work(u64 rounds) {
    register u64 a7 __asm__("a7") = 0;
    for (u64 i = 0; i < rounds; i++) __asm__ volatile("ecall" : "+r"(a7)::"memory");
    return rounds + 1;
}
