// Copies and strides over 1 MiB: words, bytes, bytes from the end, and reads that skip.
#include "guest.h"

enum { SIZE = 1 << 20, WORDS = SIZE / 8 };
static u64 from[WORDS], to[WORDS + 1];

__attribute__((noinline)) static void copy_words(u64 *d, const u64 *s, u64 n) {
    for (u64 i = 0; i < n; i++) d[i] = s[i];
}

__attribute__((noinline)) static void copy_bytes(u8 *d, const u8 *s, u64 n) {
    while (n-- > 0) *d++ = *s++;
}

__attribute__((noinline)) static void copy_bytes_backwards(u8 *d, const u8 *s, u64 n) {
    d += n;
    s += n;
    while (n-- > 0) *--d = *--s;
}

__attribute__((noinline)) static u64 sum_by(const u64 *words, u64 stride) {
    u64 sum = 0;
    for (u64 start = 0; start < stride; start++)
        for (u64 i = start; i < WORDS; i += stride) sum += words[i];
    return sum;
}

__attribute__((noinline)) static void add_by(u64 *words, u64 stride) {
    for (u64 start = 0; start < stride; start++)
        for (u64 i = start; i < WORDS; i += stride) words[i] += stride;
}

void prepare(void) {
    u64 seed = 7;
    for (u64 i = 0; i < WORDS; i++) {
        from[i] = next_random(&seed);
        to[i] = i;
    }
}

u64 work(u64 rounds) {
    u64 sum = 1;
    for (u64 round = 0; round < rounds; round++) {
        from[round % WORDS] ^= round + 1;
        u64 expected = sum_by(from, 1);
        for (int i = 0; i < 4; i++) copy_words(to, from, WORDS);
        if (sum_by(to, 8) != expected) return WRONG;
        copy_bytes((u8 *)from, (const u8 *)to, SIZE);
        copy_bytes_backwards((u8 *)to + 8, (const u8 *)to, SIZE);  // overlapping: as memmove has to do it
        if (sum_by(to + 1, 512) != expected) return WRONG;
        add_by(to + 1, 3);
        add_by(to + 1, 64);
        if (sum_by(to + 1, 16) != expected + 67UL * WORDS) return WRONG;
        sum = sum * 31 + expected;
    }
    return sum;
}
