// kill PID...
#include "user.h"

int main(int argc, char **argv) {
  int status = 0;
  for (int i = 1; i < argc; i++)
    status |= kill(atoi(argv[i]));
  return status;
}
