// printf and its kin: formatted text to a descriptor.
//
// Each write() is a trap into the kernel, so text is gathered in a buffer first. The buffer lives on the
// stack and is emptied before the call returns: nothing stays behind that a fork() would duplicate or an
// exit() lose.
#include "format.h"
#include "user.h"

struct sink {
  int fd;
  int used;    // bytes waiting in buf
  int printed; // bytes seen so far
  char buf[128];
};

// One conversion, such as %-8.3f.
struct spec {
  int left;      // '-': pad on the right
  char sign;     // '+' or ' ': what stands before a number that is not negative, or 0
  char pad;      // ' ' or '0'
  int width;     // at least so many characters
  int precision; // -1: not given
  int is_long;   // the argument has 64 bits
};

static void flush(struct sink *out) {
  int done = 0;
  while (done < out->used) {
    int n = write(out->fd, out->buf + done, out->used - done);
    if (n <= 0)
      break; // nowhere to report it: printf has no better descriptor than this one
    done += n;
  }
  out->used = 0;
}

static void put(struct sink *out, char c) {
  if (out->used == (int)sizeof(out->buf))
    flush(out);
  out->buf[out->used++] = c;
  out->printed++;
}

static void put_text(struct sink *out, const char *text, int length) {
  for (int i = 0; i < length; i++)
    put(out, text[i]);
}

static void put_repeated(struct sink *out, char c, int count) {
  for (int i = 0; i < count; i++)
    put(out, c);
}

// prefix (a sign, 0x) and body, padded to the width: zeros go between the two, blanks outside.
static void put_field(struct sink *out, const struct spec *spec, const char *prefix, const char *body,
                      int length) {
  int prefix_length = (int)strlen(prefix);
  int padding = spec->width - prefix_length - length;
  if (!spec->left && spec->pad == ' ')
    put_repeated(out, ' ', padding);
  put_text(out, prefix, prefix_length);
  if (!spec->left && spec->pad == '0')
    put_repeated(out, '0', padding);
  put_text(out, body, length);
  if (spec->left)
    put_repeated(out, ' ', padding);
}

static void put_unsigned(struct sink *out, const struct spec *spec, const char *prefix, uint64 value, uint base,
                         const char *digits) {
  char body[20]; // 2^64 - 1 has 20 decimal digits
  int start = sizeof(body);
  do {
    body[--start] = digits[value % base];
    value /= base;
  } while (value != 0);
  put_field(out, spec, prefix, body + start, (int)sizeof(body) - start);
}

static const char *sign_text(const struct spec *spec, int negative) {
  return negative ? "-" : spec->sign == '+' ? "+" : spec->sign == ' ' ? " " : "";
}

static void put_double(struct sink *out, struct spec *spec, double x) {
  char body[DOUBLE_TEXT];
  int precision = spec->precision < 0 ? 6 : spec->precision > MAX_PRECISION ? MAX_PRECISION : spec->precision;
  int length = format_double(body, x, precision);
  int is_number = body[0] != 'n';
  if (body[0] > '9') // "inf", "nan"
    spec->pad = ' ';
  put_field(out, spec, sign_text(spec, is_number && __builtin_signbit(x)), body, length);
}

static void put_string(struct sink *out, const struct spec *spec, const char *s) {
  if (s == 0)
    s = "(null)";
  int length = 0; // with a precision, s need not end with a 0
  while ((spec->precision < 0 || length < spec->precision) && s[length] != 0)
    length++;
  put_field(out, spec, "", s, length);
}

// Reads digits at *format, and steps over them.
static int number(const char **format) {
  int value = 0;
  for (; '0' <= **format && **format <= '9'; (*format)++)
    value = value < 100000 ? value * 10 + (**format - '0') : value;
  return value;
}

static int is_one_of(char c, const char *set) { return c != 0 && strchr(set, c) != 0; }

// va_list may be an array, which a function would receive as a pointer: it travels in a struct.
struct arguments {
  va_list list;
};

// Reads what stands between the % and the conversion's letter.
static struct spec parse(const char **format, struct arguments *args) {
  struct spec spec = {.pad = ' ', .precision = -1};
  for (; is_one_of(**format, "-0+ "); (*format)++) {
    if (**format == '-')
      spec.left = 1;
    else if (**format == '0')
      spec.pad = '0';
    else if (spec.sign != '+')
      spec.sign = **format;
  }
  if (**format == '*') {
    (*format)++;
    spec.width = va_arg(args->list, int);
    if (spec.width < 0) {
      spec.left = 1;
      spec.width = -spec.width;
    }
  } else {
    spec.width = number(format);
  }
  if (**format == '.') {
    (*format)++;
    if (**format == '*') {
      (*format)++;
      spec.precision = va_arg(args->list, int);
    } else {
      spec.precision = number(format);
    }
  }
  for (; is_one_of(**format, "lzh"); (*format)++)
    spec.is_long |= **format != 'h'; // a short argument has been widened to int by the caller
  return spec;
}

// Prints one argument; returns 0 when the letter means nothing here, having used no argument.
static int convert(struct sink *out, char letter, struct spec *spec, struct arguments *args) {
  switch (letter) {
  case 'd':
  case 'i': {
    long value = spec->is_long ? va_arg(args->list, long) : va_arg(args->list, int);
    uint64 magnitude = value < 0 ? -(uint64)value : (uint64)value;
    put_unsigned(out, spec, sign_text(spec, value < 0), magnitude, 10, "0123456789");
    return 1;
  }
  case 'u':
  case 'x':
  case 'X': {
    uint64 value = spec->is_long ? va_arg(args->list, uint64) : va_arg(args->list, uint);
    put_unsigned(out, spec, "", value, letter == 'u' ? 10 : 16,
                 letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef");
    return 1;
  }
  case 'p': // as in xv6: all sixteen digits
    spec->pad = '0';
    spec->left = 0;
    spec->width = 2 + 16;
    put_unsigned(out, spec, "0x", va_arg(args->list, uint64), 16, "0123456789abcdef");
    return 1;
  case 'f':
  case 'F':
    put_double(out, spec, va_arg(args->list, double));
    return 1;
  case 's':
    put_string(out, spec, va_arg(args->list, const char *));
    return 1;
  case 'c': {
    char c = (char)va_arg(args->list, int);
    put_field(out, spec, "", &c, 1);
    return 1;
  }
  case '%':
    put(out, '%');
    return 1;
  default:
    return 0;
  }
}

int vfprintf(int fd, const char *format, va_list ap) {
  struct sink out = {.fd = fd};
  struct arguments args;
  va_copy(args.list, ap);
  while (*format) {
    if (*format != '%') {
      put(&out, *format++);
      continue;
    }
    const char *start = format++;
    struct spec spec = parse(&format, &args);
    if (!convert(&out, *format, &spec, &args)) {
      // Unknown: print the directive itself, so that it is seen.
      put_text(&out, start, (int)(format - start));
      if (*format)
        put(&out, *format);
    }
    if (*format)
      format++;
  }
  va_end(args.list);
  flush(&out);
  return out.printed;
}

int vprintf(const char *format, va_list ap) { return vfprintf(1, format, ap); }

int fprintf(int fd, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  int printed = vfprintf(fd, format, ap);
  va_end(ap);
  return printed;
}

int printf(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  int printed = vfprintf(1, format, ap);
  va_end(ap);
  return printed;
}
