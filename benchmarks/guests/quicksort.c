// Data-dependent branches and swaps: a million ints, sorted in place.
#include "guest.h"

enum { COUNT = 1000000 };
static int numbers[COUNT];

static void sort(int *first, int *last) {  // both inclusive
    while (first < last) {
        int pivot = first[(last - first) / 2];
        int *low = first, *high = last;
        while (low <= high) {
            while (*low < pivot) low++;
            while (*high > pivot) high--;
            if (low <= high) {
                int kept = *low;
                *low++ = *high;
                *high-- = kept;
            }
        }
        if (high - first < last - low) {  // the longer part in this loop: the stack stays short
            sort(first, high);
            first = low;
        } else {
            sort(low, last);
            last = high;
        }
    }
}

void prepare(void) {
    for (u64 i = 0; i < COUNT; i += PAGE / sizeof(int)) numbers[i] = 1;
}

u64 work(u64 rounds) {
    u64 seed = 42, sum = 1;
    for (u64 round = 0; round < rounds; round++) {
        u64 before = 0, after = 0;
        for (u64 i = 0; i < COUNT; i++) before += (u64)(numbers[i] = (int)next_random(&seed));
        sort(numbers, numbers + COUNT - 1);
        for (u64 i = 0; i < COUNT; i++) {
            if (i && numbers[i - 1] > numbers[i]) return WRONG;
            after += (u64)numbers[i];
        }
        if (before != after) return WRONG;
        sum = sum * 31 + (u64)numbers[COUNT / 2];
    }
    return sum;
}
