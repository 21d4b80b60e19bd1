// Latency of translation and memory: a pointer to follow in each 64 bytes of 16 MiB, in one random cycle.
#include "guest.h"

enum { NODES = (16 << 20) / 64, STEPS = 100000 };
typedef struct node { struct node *next; u64 number, rest[6]; } node;
static node nodes[NODES] __attribute__((aligned(4096)));
static node *at;

void prepare(void) {
    u64 seed = 1;
    for (u64 i = 0; i < NODES; i++) nodes[i].number = i;
    for (u64 i = NODES - 1; i > 0; i--) {  // Sattolo: a permutation of one cycle
        u64 j = next_random(&seed) % i, kept = nodes[i].number;
        nodes[i].number = nodes[j].number;
        nodes[j].number = kept;
    }
    for (u64 i = 0; i < NODES; i++) nodes[i].next = &nodes[nodes[i].number];
    at = nodes;
}

u64 work(u64 rounds) {
    node *p = at;
    for (u64 round = 0; round < rounds; round++)
        for (u64 i = 0; i < STEPS; i++) p = p->next;
    return (u64)p;
}
