// The smallest program that says something: its own name and pid.
#include "user.h"

int main(int argc, char **argv) {
  printf("hello from %s, pid %d, with %d arguments\n", argv[0], getpid(), argc - 1);
}
