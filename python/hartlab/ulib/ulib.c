// Small services over one or more system calls.
#include "user.h"

int stat(const char *path, struct stat *st) {
  int fd = open(path, O_RDONLY);
  if (fd < 0)
    return -1;
  int result = fstat(fd, st);
  close(fd);
  return result;
}

// Reads up to a newline, which is kept, or max - 1 bytes, or the end of input; always ends buf with a 0.
// One byte a call: what follows the line must stay in the console or pipe for whoever reads next.
char *gets(char *buf, int max) {
  int length = 0;
  char c;
  while (length + 1 < max && read(0, &c, 1) == 1) {
    buf[length++] = c;
    if (c == '\n' || c == '\r')
      break;
  }
  if (max > 0)
    buf[length] = 0;
  return buf;
}

// Overflow wraps, in unsigned arithmetic so that it is defined.
int atoi(const char *s) {
  while (*s == ' ' || *s == '\t')
    s++;
  int negative = *s == '-';
  if (*s == '-' || *s == '+')
    s++;
  uint value = 0;
  while ('0' <= *s && *s <= '9')
    value = value * 10 + (uint)(*s++ - '0');
  return (int)(negative ? -value : value);
}
