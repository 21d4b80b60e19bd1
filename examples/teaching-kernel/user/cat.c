// Prints files.
#include "user.h"

int main(int argc, char **argv) {
  char piece[256];
  for (int i = 1; i < argc; i++) {
    int fd = open(argv[i], O_RDONLY);
    if (fd < 0) {
      printf("cat: there is no %s\n", argv[i]);
      return 1;
    }
    for (int n; (n = read(fd, piece, sizeof(piece))) > 0;)
      write(1, piece, n);
    close(fd);
  }
}
