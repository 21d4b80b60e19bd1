// Calls and returns: Fibonacci numbers by plain recursion.
#include "guest.h"

__attribute__((noinline)) static u64 fib(u64 n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

void prepare(void) {}

u64 work(u64 rounds) {
    u64 sum = 1;
    for (u64 i = 0; i < rounds; i++) {
        u64 n = 25;
        __asm__ volatile("" : "+r"(n));  // or the compiler calls it once for all rounds
        u64 value = fib(n);
        if (value != 75025) return WRONG;
        sum += value;
    }
    return sum;
}
