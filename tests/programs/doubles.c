// printf of doubles: rounding, carries, halves, the largest and the smallest, infinities, not-a-number, widths.
#include "check.h"

int main(void) {
  volatile double zero = 0.0; // volatile, so that the hart divides and not the compiler
  printf("%f %f %f\n", 0.0, -0.0, 1.0 / 3);
  printf("%.0f %.0f %.0f %.0f %.0f\n", 0.5, 1.5, 2.5, 3.5, 999.5);
  printf("%.2f %.2f %.2f %.1f\n", 0.125, 0.375, 1.005, 0.25);
  printf("%.3f %.1f %.0f %f\n", 9.9996, 9.95, 99.5, 0.9999999);
  printf("%.20f\n", 0.1);
  printf("%.1f\n", 1e22);
  printf("%.0f\n", 1.7976931348623157e308);
  printf("%.60f\n", 4.9406564584124654e-324 * 0x1p900);
  printf("%f %f %.1f\n", 1 / zero, -1 / zero, zero / zero);
  printf("[%10.3f] [%-10.3f] [%010.3f] [%+.1f] [% .1f] [%6f]\n", -3.14159, 2.71828, -1.5, 2.0, 2.0, 1 / zero);
  printf("%.*f %*.*f\n", 3, 3.14159, 9, 2, 3.14159);
}
