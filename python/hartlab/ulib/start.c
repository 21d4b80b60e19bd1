// Where a program begins: exec() sets pc to _start, a0 to argc, a1 to argv and sp to the top of the stack,
// 16-byte aligned. That is just how a C function with two parameters is called, so no assembly is needed.
#include "user.h"

extern int main(int argc, char **argv);

__attribute__((section(".text.start"))) void _start(int argc, char **argv) {
  exit(main(argc, argv));
}
