// Matrix products: of integers against powers of a known matrix, of doubles against an inverse.
#include "check.h"

#define N 24

static int fibonacci[2][2] = {{1, 1}, {1, 0}};
static double a[N][N], inverse[N][N], product[N][N];
static int ia[N][N], ib[N][N], ic[N][N];

// The n-th power of {{1, 1}, {1, 0}} holds the Fibonacci numbers n + 1, n, n, n - 1.
static void powers(void) {
  uint64 power[2][2] = {{1, 0}, {0, 1}};
  for (int n = 0; n < 90; n++) {
    uint64 next[2][2];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        next[i][j] = power[i][0] * (uint64)fibonacci[0][j] + power[i][1] * (uint64)fibonacci[1][j];
      }
    }
    memcpy(power, next, sizeof(power));
  }
  CHECK(power[0][1] == power[1][0]);
  CHECK(power[0][0] == power[0][1] + power[1][1]);
  printf("matrices: fibonacci(90) is %lu\n", power[0][1]);
}

static void integers(void) {
  uint64 seed = 7, checksum = 0;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      ia[i][j] = (int)(next_random(&seed) % 199) - 99;
      ib[i][j] = (int)(next_random(&seed) % 199) - 99;
    }
  }
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      for (int k = 0; k < N; k++)
        ic[i][j] += ia[i][k] * ib[k][j];
      checksum = mix(checksum, (uint64)ic[i][j]);
    }
  }
  // (1 ... 1) A B, once through the product and once a step at a time.
  for (int j = 0; j < N; j++) {
    int through = 0, stepwise = 0;
    for (int i = 0; i < N; i++) {
      through += ic[i][j];
      int column = 0;
      for (int k = 0; k < N; k++)
        column += ia[k][i];
      stepwise += column * ib[i][j];
    }
    CHECK(through == stepwise);
  }
  printf("matrices: %d x %d integers, checksum %lx\n", N, N, checksum);
}

// Gauss and Jordan's elimination, without pivoting: the diagonal dominates.
static void invert(void) {
  static double work[N][N];
  memcpy(work, a, sizeof(work));
  for (int i = 0; i < N; i++)
    inverse[i][i] = 1.0;
  for (int p = 0; p < N; p++) {
    double scale = 1.0 / work[p][p];
    for (int j = 0; j < N; j++) {
      work[p][j] *= scale;
      inverse[p][j] *= scale;
    }
    for (int i = 0; i < N; i++) {
      double factor = work[i][p];
      if (i == p)
        continue;
      for (int j = 0; j < N; j++) {
        work[i][j] -= factor * work[p][j];
        inverse[i][j] -= factor * inverse[p][j];
      }
    }
  }
}

static void doubles(void) {
  double trace = 0, error = 0;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++)
      a[i][j] = 1.0 / (1 + i + j) + (i == j ? N : 0);
  }
  invert();
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      for (int k = 0; k < N; k++)
        product[i][j] += a[i][k] * inverse[k][j];
      double off = product[i][j] - (i == j);
      error = off > error ? off : -off > error ? -off : error;
    }
    trace += inverse[i][i];
  }
  CHECK(error < 1e-13);
  printf("matrices: %d x %d doubles, trace of the inverse %.9f\n", N, N, trace);
}

int main(void) {
  powers();
  integers();
  doubles();
}
