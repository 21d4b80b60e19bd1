// Strings and memory, a byte at a time.
#include "user.h"

// GCC would recognise the loop inside memset() as a memset, and have the function call itself.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

char *strcpy(char *dst, const char *src) {
  char *to = dst;
  while ((*to++ = *src++) != 0) {
  }
  return dst;
}

char *strcat(char *dst, const char *src) {
  strcpy(dst + strlen(dst), src);
  return dst;
}

int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return (uchar)*a - (uchar)*b;
}

int strncmp(const char *a, const char *b, uint64 n) {
  for (; n > 0; n--, a++, b++) {
    if (*a != *b || *a == 0)
      return (uchar)*a - (uchar)*b;
  }
  return 0;
}

uint strlen(const char *s) {
  const char *end = s;
  while (*end)
    end++;
  return (uint)(end - s);
}

// The string's final 0 is not searched for, as in xv6.
char *strchr(const char *s, char c) {
  for (; *s; s++) {
    if (*s == c)
      return (char *)s;
  }
  return 0;
}

void *memset(void *dst, int c, uint64 n) {
  char *to = dst;
  while (n-- > 0)
    *to++ = (char)c;
  return dst;
}

// Correct for ranges that overlap: copies from the end when dst lies inside src's range.
void *memmove(void *dst, const void *src, uint64 n) {
  char *to = dst;
  const char *from = src;
  if (from < to && to < from + n) {
    while (n-- > 0)
      to[n] = from[n];
  } else {
    while (n-- > 0)
      *to++ = *from++;
  }
  return dst;
}

void *memcpy(void *dst, const void *src, uint64 n) { return memmove(dst, src, n); }

int memcmp(const void *a, const void *b, uint64 n) {
  const uchar *x = a, *y = b;
  for (; n > 0; n--, x++, y++) {
    if (*x != *y)
      return *x - *y;
  }
  return 0;
}
