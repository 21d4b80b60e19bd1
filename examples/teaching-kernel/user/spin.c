// spin N: computes for N million rounds, and tells the sum.
#include "user.h"

int main(int argc, char **argv) {
  uint n = (argc > 1 ? (uint)atoi(argv[1]) : 1) * 1000000, sum = 0;
  for (uint i = 0; i < n; i++)
    sum = sum * 31 + (i ^ sum >> 7);
  printf("%u\n", sum);
}
