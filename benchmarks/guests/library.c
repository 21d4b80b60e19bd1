// What clang may call even in a freestanding program, for an array that is cleared or a struct that is copied.
#include "guest.h"

void *memset(void *to, int value, u64 n) {
    for (u8 *p = to; n > 0; n--) *p++ = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, u64 n) {
    const u8 *q = from;
    for (u8 *p = to; n > 0; n--) *p++ = *q++;
    return to;
}
