// A producer and a consumer over a pipe: far more bytes than the pipe holds, in pieces of changing size.
#include "check.h"

#define TOTAL 20000

static uchar buf[1500];

static void produce(int fd) {
  uint64 seed = 99;
  int sent = 0;
  while (sent < TOTAL) {
    int n = 1 + (int)(next_random(&seed) % sizeof(buf));
    if (n > TOTAL - sent)
      n = TOTAL - sent;
    for (int i = 0; i < n; i++)
      buf[i] = (uchar)((sent + i) * 7 + (sent + i) / 256);
    CHECK(write(fd, buf, n) == n);
    sent += n;
  }
}

static int consume(int fd) {
  int received = 0, n;
  while ((n = read(fd, buf, 1 + received % 700)) > 0) {
    for (int i = 0; i < n; i++)
      CHECK(buf[i] == (uchar)((received + i) * 7 + (received + i) / 256));
    received += n;
  }
  CHECK(n == 0);
  return received;
}

int main(void) {
  int fds[2];
  CHECK(pipe(fds) == 0);
  CHECK(fds[0] == 3 && fds[1] == 4); // the lowest that are free

  int pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    close(fds[0]);
    produce(fds[1]);
    exit(0);
  }
  close(fds[1]); // or there would be no end of file
  int received = consume(fds[0]);
  CHECK(received == TOTAL);
  int status = -1;
  CHECK(wait(&status) == pid && status == 0);
  close(fds[0]);

  // Nobody reads: the write fails, and does not wait for ever.
  CHECK(pipe(fds) == 0);
  close(fds[0]);
  CHECK(write(fds[1], "x", 1) == -1);
  close(fds[1]);
  CHECK(read(fds[0], buf, 1) == -1 && close(fds[0]) == -1);

  // dup: another descriptor for the same end.
  CHECK(pipe(fds) == 0);
  int twin = dup(fds[1]);
  CHECK(twin == 5 && write(twin, "via dup", 7) == 7);
  CHECK(read(fds[0], buf, sizeof(buf)) == 7 && memcmp(buf, "via dup", 7) == 0);
  printf("pipes: %d bytes\n", received);
}
