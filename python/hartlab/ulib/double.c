// A double in decimal, exactly: the digits are those of the number that the 64 bits stand for, and the last
// one is rounded to nearest, ties to even, as IEEE 754 asks.
//
// A finite double is a whole number below 2^53 times a power of two between 2^-1074 and 2^971. Written in
// fixed point it needs 1024 bits before the binary point and 1074 behind it: 66 words of 32 bits hold any.
// Digits before the point fall out of repeated division by ten, digits behind it out of repeated
// multiplication by ten. Both skip the words that are zero, nearly all of them for ordinary numbers.
#include "format.h"

#define FRACTION_WORDS 34
#define WHOLE_WORDS 32
#define WORDS (FRACTION_WORDS + WHOLE_WORDS)
#define HALF 0x80000000u // the highest bit behind the point

// word[0] is the lowest; word[FRACTION_WORDS] has the bit of value one.
struct fixed {
  uint32 word[WORDS];
};

// [IEEE 754 binary64] sign in bit 63, biased exponent in 62..52, fraction in 51..0
static uint64 bits_of(double x) {
  union {
    double value;
    uint64 bits;
  } u = {.value = x};
  return u.bits;
}

static void to_fixed(struct fixed *f, uint64 bits) {
  int exponent = (int)(bits >> 52 & 0x7ff);
  uint64 mantissa = bits & ((1ul << 52) - 1);
  if (exponent != 0)
    mantissa |= 1ul << 52;
  else
    exponent = 1; // subnormal: the same scale as the smallest normal numbers

  // The mantissa's lowest bit has the value 2^(exponent - 1075).
  int place = FRACTION_WORDS * 32 + exponent - 1075;
  int first = place / 32, shift = place % 32;

  for (int i = 0; i < WORDS; i++)
    f->word[i] = 0;
  f->word[first] = (uint32)(mantissa << shift);
  f->word[first + 1] = (uint32)(mantissa << shift >> 32);
  if (shift > 0 && first + 2 < WORDS)
    f->word[first + 2] = (uint32)(mantissa >> (64 - shift));
}

// Divides the whole part by ten, and returns the remainder: its lowest decimal digit.
static int take_low_digit(struct fixed *f, int *top) {
  uint64 remainder = 0;
  for (int i = *top; i >= FRACTION_WORDS; i--) {
    uint64 part = remainder << 32 | f->word[i];
    f->word[i] = (uint32)(part / 10);
    remainder = part % 10;
  }
  while (*top >= FRACTION_WORDS && f->word[*top] == 0)
    (*top)--;
  return (int)remainder;
}

// Multiplies the fraction by ten, and returns what crosses the point: its highest decimal digit.
static int take_high_digit(struct fixed *f, int bottom) {
  uint64 carry = 0;
  for (int i = bottom; i < FRACTION_WORDS; i++) {
    uint64 part = (uint64)f->word[i] * 10 + carry;
    f->word[i] = (uint32)part;
    carry = part >> 32;
  }
  return (int)carry;
}

// Whether what is left of the fraction rounds the digit before it up.
static int rounds_up(const struct fixed *f, int last_digit_is_odd) {
  uint32 high = f->word[FRACTION_WORDS - 1];
  if (high != HALF)
    return high > HALF;
  for (int i = 0; i < FRACTION_WORDS - 1; i++) {
    if (f->word[i] != 0)
      return 1;
  }
  return last_digit_is_odd;
}

// Adds one to the last digit of text, carrying. Returns 1 when the carry leaves at the front: 9.9 became 0.0.
static int increment(char *text, int length) {
  for (int i = length - 1; i >= 0; i--) {
    if (text[i] == '.')
      continue;
    if (text[i] != '9') {
      text[i]++;
      return 0;
    }
    text[i] = '0';
  }
  return 1;
}

static void reverse(char *text, int length) {
  for (int i = 0, j = length - 1; i < j; i++, j--) {
    char c = text[i];
    text[i] = text[j];
    text[j] = c;
  }
}

static int three(char *text, const char *word) {
  for (int i = 0; i < 3; i++)
    text[i] = word[i];
  return 3;
}

int format_double(char text[DOUBLE_TEXT], double x, int precision) {
  uint64 bits = bits_of(x);
  if ((bits >> 52 & 0x7ff) == 0x7ff)
    return three(text, bits << 12 ? "nan" : "inf");

  struct fixed f;
  to_fixed(&f, bits);

  int length = 0;
  int top = WORDS - 1;
  while (top > FRACTION_WORDS && f.word[top] == 0)
    top--;
  do {
    text[length++] = (char)('0' + take_low_digit(&f, &top));
  } while (top >= FRACTION_WORDS);
  reverse(text, length);

  if (precision > 0)
    text[length++] = '.';
  int bottom = 0;
  for (int i = 0; i < precision; i++) {
    while (bottom < FRACTION_WORDS && f.word[bottom] == 0)
      bottom++;
    text[length++] = (char)('0' + take_high_digit(&f, bottom));
  }

  if (rounds_up(&f, text[length - 1] & 1) && increment(text, length)) {
    for (int i = length; i > 0; i--)
      text[i] = text[i - 1];
    text[0] = '1';
    length++;
  }
  return length;
}
