// Two processes and two pipes: a number goes back and forth, and each side adds one.
#include "user.h"

#define ROUNDS 5

int main(void) {
  int there[2], back[2];
  if (pipe(there) < 0 || pipe(back) < 0) {
    printf("pipe failed\n");
    return 1;
  }

  int n = 0;
  if (fork() == 0) {
    close(there[1]); // or the read below would never see the end
    while (read(there[0], &n, sizeof(n)) == sizeof(n)) {
      n++;
      write(back[1], &n, sizeof(n));
    }
    exit(0);
  }

  for (int i = 0; i < ROUNDS; i++) {
    n++;
    write(there[1], &n, sizeof(n));
    read(back[0], &n, sizeof(n));
  }
  close(there[1]);
  wait(0);
  printf("after %d rounds the number is %d\n", ROUNDS, n);
}
