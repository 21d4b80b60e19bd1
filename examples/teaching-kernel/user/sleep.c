// sleep N: seconds.
#include "user.h"

int main(int argc, char **argv) { return sleep(argc > 1 ? 100 * atoi(argv[1]) : 0); }
