// Byte stores at growing strides: the primes below 4 Mi, a byte for each number.
#include "guest.h"

enum { LIMIT = 4 << 20, PRIMES = 295947 };
static u8 composite[LIMIT];

void prepare(void) {
    for (u64 i = 0; i < LIMIT; i += PAGE) composite[i] = 1;
}

u64 work(u64 rounds) {
    u64 sum = 1;
    for (u64 round = 0; round < rounds; round++) {
        u64 primes = 0;
        for (u64 i = 0; i < LIMIT; i++) composite[i] = 0;
        for (u64 i = 2; i < LIMIT; i++) {
            if (composite[i]) continue;
            primes++;
            for (u64 j = i * i; j < LIMIT; j += i) composite[j] = 1;
        }
        if (primes != PRIMES) return WRONG;
        sum += primes;
    }
    return sum;
}
