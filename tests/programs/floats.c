// Arithmetic of float and double: conversions, comparisons, square root, fused products, and sums whose
// rounding is known.
#include "check.h"

static uint64 bits(double x) {
  uint64 b;
  memcpy(&b, &x, sizeof(b));
  return b;
}

static uint32 bits_of_float(float x) {
  uint32 b;
  memcpy(&b, &x, sizeof(b));
  return b;
}

static void conversions(void) {
  volatile double big = 1e10, negative = -2.75, huge = 1e300;
  volatile int minus = -7;
  volatile uint64 top = 0xfffffffffffff800ul;
  CHECK((int)negative == -2);
  CHECK((long)big == 10000000000l);
  CHECK((double)minus == -7.0);
  CHECK((float)minus == -7.0f);
  CHECK((double)top == 18446744073709549568.0);
  CHECK((uint64)(double)top == top);
  CHECK((float)huge == 1 / (float)(minus + 7)); // too large for a float: infinity
  CHECK(bits_of_float((float)0.1) == 0x3dcccccd);
  CHECK(bits(0.1f) == 0x3fb99999a0000000ul); // a float is a double exactly
}

static void comparisons(void) {
  volatile double nan = 0, one = 1, zero = 0;
  nan = zero / zero;
  CHECK(!(nan == nan) && nan != nan && !(nan < one) && !(nan >= one));
  CHECK(zero == -zero && bits(-zero) == 1ul << 63);
  CHECK(one > zero && !(one < zero) && one <= one);
}

static void rounding(void) {
  volatile double tenth = 0.1, fifth = 0.2, large = 9007199254740992.0; // 2^53
  CHECK(bits(tenth + fifth) == 0x3fd3333333333334ul);
  CHECK(large + 1 == large);     // a tie goes to even
  CHECK(large + 3 == large + 4); // up, this time
  CHECK(__builtin_sqrt(2 + 0 * tenth) * 1e15 > 1414213562373095.0);
  double exact = __builtin_fma(tenth, 10.0, -1.0); // one rounding: what 0.1 is off by, times ten
  CHECK(bits(exact) == 0x3c90000000000000ul);
}

// Newton's iteration for square roots, in float and in double.
static void newton(void) {
  double x = 2;
  float y = 2;
  for (int i = 0; i < 6; i++) {
    x = (x + 2 / x) / 2;
    y = (y + 2 / y) / 2;
  }
  CHECK(bits_of_float(y) == 0x3fb504f3);
  printf("floats: sqrt(2) is %.15f, as a float %.7f\n", x, (double)y);
}

// The sum of 1/k from both ends: order matters, and the smaller terms first is nearer to the truth.
static void harmonic(void) {
  float up = 0, down = 0;
  for (int k = 1; k <= 10000; k++)
    up += 1.0f / (float)k;
  for (int k = 10000; k >= 1; k--)
    down += 1.0f / (float)k;
  CHECK(up != down);
  printf("floats: the harmonic sum is %.6f, or %.6f backwards\n", (double)up, (double)down);
}

int main(void) {
  conversions();
  comparisons();
  rounding();
  newton();
  harmonic();
}
