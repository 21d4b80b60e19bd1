// crash [ADDRESS]: stores where nothing is, or where it may not.
#include "user.h"

int main(int argc, char **argv) {
  uint64 at = argc > 1 ? (uint64)atoi(argv[1]) : 0x12345678;
  *(volatile char *)at = 1;
}
