// Between printf.c and double.c; programs do not include it.
#ifndef ULIB_FORMAT_H
#define ULIB_FORMAT_H

#include "types.h"

// The largest precision that %f honours; the text of a double then has at most
// 309 digits, a point and these, and a carry may add a digit in front.
#define MAX_PRECISION 60
#define DOUBLE_TEXT (1 + 309 + 1 + MAX_PRECISION)

// Writes |x|, rounded to `precision` digits after the point (0 to MAX_PRECISION; 0 leaves the point away),
// into text without a final 0. Returns its length. x may be infinite or not a number.
int format_double(char text[DOUBLE_TEXT], double x, int precision);

#endif
