// Bytes and text. Plain loops: this is also what a page's filling costs.
#include "defs.h"

void *memset(void *to, int value, uint64 n) {
  char *bytes = to;
  for (uint64 i = 0; i < n; i++)
    bytes[i] = (char)value;
  return to;
}

void *memmove(void *to, const void *from, uint64 n) {
  char *t = to;
  const char *f = from;
  if (f < t && t < f + n)
    while (n-- > 0)
      t[n] = f[n];
  else
    for (uint64 i = 0; i < n; i++)
      t[i] = f[i];
  return to;
}

void *memcpy(void *to, const void *from, uint64 n) { return memmove(to, from, n); }

int strncmp(const char *a, const char *b, uint64 n) {
  for (; n > 0; a++, b++, n--) {
    if (*a != *b)
      return (uint8)*a - (uint8)*b;
    if (*a == 0)
      break;
  }
  return 0;
}

void strlcpy(char *to, const char *from, uint64 size) { // always ends it with a 0
  uint64 i = 0;
  for (; i + 1 < size && from[i]; i++)
    to[i] = from[i];
  to[i] = 0;
}

uint64 strlen(const char *s) {
  uint64 n = 0;
  while (s[n])
    n++;
  return n;
}
