// An integer mix in the manner of CoreMark: a linked list, a matrix product, a CRC, and a state machine over text.
#include "guest.h"

typedef struct item { struct item *next; u32 key, count; } item;
enum { ITEMS = 500, N = 16, TEXT = 2048, STATES = 5 };  // of a size that gives each part a like share

static item items[ITEMS];
static int a[N][N], b[N][N], c[N][N];
static char text[TEXT];

// --- a list: reverse it, and look keys up ---
static item *reverse(item *list) {
    item *done = 0;
    while (list) {
        item *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static u32 look_up(item *list, u32 key) {
    for (; list; list = list->next)
        if (list->key == key) return ++list->count;
    return 0;
}

// --- a matrix product, checked by the sum of its elements ---
static int multiply(int seed) {
    int left[N] = {0}, right[N] = {0}, expected = 0, sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (i * 7 + j + seed) & 63;
            b[i][j] = (i - j * 3 + seed) & 63;
            left[j] += a[i][j];
            right[i] += b[i][j];
        }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int s = 0;
            for (int k = 0; k < N; k++) s += a[i][k] * b[k][j];
            c[i][j] = s;
            sum += s;
        }
    for (int k = 0; k < N; k++) expected += left[k] * right[k];
    return sum == expected ? sum : -1;
}

// --- CRC-32, bit by bit ---
static u32 crc(const u8 *p, u64 n) {
    u32 r = ~0u;
    while (n--) {
        r ^= *p++;
        for (int k = 0; k < 8; k++) r = r >> 1 ^ (0xedb88320u & -(r & 1));
    }
    return ~r;
}

// --- a state machine: what kinds of numbers are in the text ---
enum state { BETWEEN, INTEGER, FRACTION, EXPONENT, INVALID };

static enum state step(enum state state, char ch) {
    if (ch == ',') return BETWEEN;
    switch (state) {
    case BETWEEN: return (ch >= '0' && ch <= '9') || ch == '-' ? INTEGER : ch == '.' ? FRACTION : INVALID;
    case INTEGER: return ch >= '0' && ch <= '9' ? INTEGER : ch == '.' ? FRACTION : ch == 'e' ? EXPONENT : INVALID;
    case FRACTION: return ch >= '0' && ch <= '9' ? FRACTION : ch == 'e' ? EXPONENT : INVALID;
    case EXPONENT: return (ch >= '0' && ch <= '9') || ch == '-' ? EXPONENT : INVALID;
    default: return INVALID;
    }
}

static u32 classify(u32 *counts) {
    u32 words = 0;
    enum state state = BETWEEN;
    for (u64 i = 0; i < TEXT; i++) {
        if (text[i] == ',') {
            counts[state]++;
            words++;
        }
        state = step(state, text[i]);
    }
    return words;
}

void prepare(void) {
    static const char pieces[] = "5012,1234,-874,+122,35.54400,.1234500,-110.700,5.500e3,-.123e-2,-87e+832,T0.3e-1F,";
    for (u64 i = 0, j = 0; i < TEXT; i++, j = j + 2 < sizeof pieces ? j + 1 : 0) text[i] = pieces[j];
    for (u32 i = 0; i < ITEMS; i++) {
        items[i].next = i + 1 < ITEMS ? &items[i + 1] : 0;
        items[i].key = i * 37 % ITEMS;
    }
}

u64 work(u64 rounds) {
    u64 sum = 1;
    item *list = items;
    if (crc((const u8 *)"123456789", 9) != 0xcbf43926u) return WRONG;
    for (u64 round = 0; round < rounds; round++) {
        u32 counts[STATES] = {0};
        list = reverse(list);
        for (u32 i = 0; i < 30; i++) sum += look_up(list, (u32)(round + i * 23) % ITEMS);
        int product = multiply((int)(round & 255));
        u32 words = classify(counts);
        if (product < 0 || words != counts[0] + counts[1] + counts[2] + counts[3] + counts[4]) return WRONG;
        sum = sum * 31 + crc((const u8 *)c, sizeof c / 2) + (u32)product + words * 7 + counts[EXPONENT];
    }
    return sum;
}
