// What the kernel itself has to say.
#include "defs.h"

#include <stdarg.h>

static void print(const char *text) {
  for (; *text; text++) {
    if (*text == '\n')
      uart_putc('\r');
    uart_putc(*text);
  }
}

static void print_number(uint64 value, uint32 base) {
  char digits[24];
  int at = sizeof(digits) - 1;
  digits[at] = 0;
  do
    digits[--at] = "0123456789abcdef"[value % base];
  while (value /= base);
  print(&digits[at]);
}

void printf(const char *format, ...) { // %d, %lx and %s
  va_list arguments;
  va_start(arguments, format);
  for (char one[2] = {0, 0}; *format; format++) {
    if (*format != '%') {
      one[0] = *format;
      print(one);
    } else if (*++format == 's') {
      print(va_arg(arguments, const char *));
    } else if (*format == 'l') {
      format++;
      print_number(va_arg(arguments, uint64), 16);
    } else {
      int value = va_arg(arguments, int);
      if (value < 0)
        print("-");
      print_number(value < 0 ? -(uint64)value : (uint64)value, 10);
    }
  }
  va_end(arguments);
}

void panic(const char *why) {
  interrupts_off();
  printf("panic: %s\n", why);
  for (;;)
    asm volatile("wfi");
}
