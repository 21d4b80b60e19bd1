// Prints its arguments, and checks how exec() has laid them out.
#include "check.h"

int main(int argc, char **argv) {
  CHECK(argv[argc] == 0);
  CHECK((uint64)argv % 16 == 0);
  for (int i = 0; i < argc; i++) {
    CHECK((uint64)argv[i] % 16 == 0);
    printf("argv[%d] = \"%s\"\n", i, argv[i]);
  }
}
