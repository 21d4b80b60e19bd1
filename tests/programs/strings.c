// The string and number functions of the guest library, at their edges.
#include "check.h"

static int sign(int x) { return (x > 0) - (x < 0); }

static void comparing(void) {
  CHECK(strcmp("", "") == 0 && strcmp("a", "a") == 0);
  CHECK(sign(strcmp("a", "b")) == -1 && sign(strcmp("b", "a")) == 1);
  CHECK(sign(strcmp("ab", "a")) == 1 && sign(strcmp("a", "ab")) == -1);
  CHECK(sign(strcmp("\xff", "\x01")) == 1); // as unsigned bytes
  CHECK(strncmp("abcdef", "abcxyz", 3) == 0 && sign(strncmp("abcdef", "abcxyz", 4)) == -1);
  CHECK(strncmp("a", "b", 0) == 0 && strncmp("a\0x", "a\0y", 3) == 0);
  CHECK(memcmp("a\0x", "a\0y", 3) < 0 && memcmp("abc", "abd", 2) == 0 && memcmp("\xff", "\x01", 1) > 0);
}

static void searching(void) {
  const char *s = "hello";
  CHECK(strlen("") == 0 && strlen(s) == 5);
  CHECK(strchr(s, 'l') == s + 2 && strchr(s, 'h') == s && strchr(s, 'z') == 0 && strchr("", 'a') == 0);
}

static void copying(void) {
  char buf[16];
  CHECK(strcpy(buf, "one") == buf && strcmp(buf, "one") == 0);
  CHECK(strcat(buf, " two") == buf && strcmp(buf, "one two") == 0);
  CHECK(memset(buf, 'x', 4) == buf && strcmp(buf, "xxxxtwo") == 0);
  memset(buf, 0x1ff, 1); // only the low byte counts
  CHECK((uchar)buf[0] == 0xff);

  strcpy(buf, "0123456789");
  memmove(buf + 2, buf, 6); // overlapping, upwards
  CHECK(strcmp(buf, "0101234589") == 0);
  strcpy(buf, "0123456789");
  memmove(buf, buf + 2, 6); // overlapping, downwards
  CHECK(strcmp(buf, "2345676789") == 0);
  memcpy(buf, "abc", 0);
  CHECK(buf[0] == '2');
}

static void numbers(void) {
  CHECK(atoi("0") == 0 && atoi("42") == 42 && atoi("-17") == -17 && atoi("+8") == 8);
  CHECK(atoi("  12ab") == 12 && atoi("x") == 0 && atoi("") == 0);
  CHECK(atoi("2147483647") == 2147483647 && atoi("-2147483648") == -2147483647 - 1);
}

int main(void) {
  comparing();
  searching();
  copying();
  numbers();
  printf("[%5d] [%-5d] [%05d] [%+d] [% d]\n", 42, 42, -42, 42, 42);
  printf("[%ld] [%d] [%u] [%lu]\n", -9223372036854775807l - 1, -2147483647 - 1, 4294967295u, ~0ul);
  printf("[%x] [%lx] [%X] [%08x] [%p]\n", 0xbeef, 0xdeadbeefcafeul, 0xabc, 0x1f, (void *)0x1234);
  char *volatile nothing = 0; // volatile: a compiler that sees the null would warn of it
  printf("[%s] [%8s] [%-8s] [%.3s] [%s]\n", "str", "right", "left", "precision", nothing);
  printf("[%c] [%3c] [%%]\n", 'c', 'd');
  fprintf(1, "%s\n", "a line that is longer than the buffer of a hundred and twenty-eight bytes, in which printf "
                     "gathers its text before it asks the kernel to write");
  CHECK(fprintf(1, "12345\n") == 6);
}
