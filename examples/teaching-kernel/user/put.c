// put FILE TEXT: writes over the beginning of a file.
#include "user.h"

int main(int argc, char **argv) {
  int fd = argc == 3 ? open(argv[1], O_WRONLY) : -1;
  if (fd < 0)
    return 1;
  return write(fd, argv[2], (int)strlen(argv[2])) != (int)strlen(argv[2]);
}
